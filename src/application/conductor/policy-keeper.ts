import type { Damage } from '../../domain/damage';
import type { ExpectedRevision } from '../../domain/fact';
import { POLICY_STREAM_PREFIX, policyStream } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { POLICY_EVENT_VERSIONS, type PolicyEvent } from '../../domain/policy/policy.events';
import { CHAIN_START, toNewEvents } from '../envelope';
import type { StoredEvent } from '../ports/event-store';
import type { Hasher } from '../ports/ids';
import type { Project } from '../projects';
import { chainIn, inChain, readPolicyEvent } from '../read-events';
import { readPage } from '../read-page';
import { appendReliably } from '../reliable-append';
import type { KeeperDeps } from './lane-keeper';

interface Policies {
  readonly revision: ExpectedRevision;
  readonly chain: string;
  readonly lastEventId: string;
  /** Of the one in force; null before the first. */
  readonly digest: string | null;
  /** The first event of the stream that cannot be relied on: which policy is in force is not known, and none is recorded. */
  readonly damage: Damage | null;
}

const PAGE = 500;
const NONE: Policies = { revision: 'no-stream', chain: CHAIN_START, lastEventId: '', digest: null, damage: null };

/** Records policies when they change, and knows which one is in force. */
export class PolicyKeeper {
  private readonly known = new Map<string, Policies>();

  constructor(private readonly deps: KeeperDeps) {}

  /** Makes this process's policy the one in force, unless it already is, or nothing can be said about that. */
  async record(project: Project): Promise<void> {
    const { project: key } = project.policy;
    for (;;) {
      const policies = await this.load(key);
      if (policies.damage || policies.digest === project.policyDigest) return;
      if (await this.append(project, policies)) return;
    }
  }

  /** Follows what other replicas record. */
  observe(stored: StoredEvent): void {
    const key = stored.stream.slice(POLICY_STREAM_PREFIX.length);
    const known = this.known.get(key) ?? NONE;
    // What was told before is not told again; what was recorded unnoticed in between does not count any more.
    if (known.revision !== 'no-stream' && stored.revision <= known.revision) return;
    const isNext = stored.revision === (known.revision === 'no-stream' ? 0n : known.revision + 1n);
    const before = isNext ? known : { ...known, revision: stored.revision - 1n };
    this.keep(key, fold(before, stored, isNext ? this.deps.hasher : null));
  }

  /** False while another replica has recorded a policy that differs from this process's file. */
  isInForce(project: Project): boolean {
    return this.known.get(project.policy.project)?.digest === project.policyDigest;
  }

  damageOf(project: Project): Damage | null {
    return this.known.get(project.policy.project)?.damage ?? null;
  }

  /** @returns false when somebody else was faster. */
  private async append(project: Project, before: Policies): Promise<boolean> {
    const { clock, hasher, ids, worker } = this.deps;
    const { project: key } = project.policy;
    const { revision: expected, chain, lastEventId } = before;
    const stream = policyStream(key);
    const event: PolicyEvent = {
      type: 'PolicyRecorded',
      data: { policy: project.policy, digest: project.policyDigest },
    };
    const fields = {
      occurredAt: instant(clock.now()),
      actor: 'operator',
      worker,
      correlationId: key,
      causationId: lastEventId,
      policyDigest: project.policyDigest,
    };
    const commandId = `${stream}@${expected}:${project.policyDigest}`;
    const made = toNewEvents(hasher, { stream, expected, chain }, [event], POLICY_EVENT_VERSIONS, fields, (i) =>
      ids.eventId(commandId, i),
    );
    const outcome = await appendReliably(this.deps, stream, expected, made.events);
    if (outcome.kind === 'conflict') return false;
    // Another replica may have made the same event of it, at another time: then the stream has to say.
    if (outcome.isRepeated) await this.load(key);
    else {
      const revision = expected === 'no-stream' ? 0n : expected + 1n;
      const last = made.events.at(-1)?.id ?? lastEventId;
      this.keep(key, {
        revision,
        chain: made.chain,
        lastEventId: last,
        digest: project.policyDigest,
        damage: null,
      });
    }
    return true;
  }

  private async load(key: string): Promise<Policies> {
    let policies = NONE;
    for (;;) {
      const from = policies.revision === 'no-stream' ? 0n : policies.revision + 1n;
      const page = await readPage(this.deps.store, policyStream(key), from, PAGE);
      policies = page.reduce((before, stored) => fold(before, stored, this.deps.hasher), policies);
      if (page.length < PAGE) break;
    }
    this.keep(key, policies);
    return policies;
  }

  private keep(key: string, policies: Policies): void {
    this.known.set(key, policies);
    if (policies.damage) this.deps.onDamage?.(policies.damage);
  }
}

function fold(before: Policies, stored: StoredEvent, hasher: Hasher | null): Policies {
  const event = inChain(readPolicyEvent(stored), stored, before, hasher);
  const { revision, id: lastEventId } = stored;
  const at = { revision, chain: chainIn(stored), lastEventId };
  if (before.damage) return { ...before, ...at };
  if (event.type === 'Unreadable') return { ...at, digest: null, damage: event.data };
  return { ...at, digest: event.data.digest, damage: null };
}
