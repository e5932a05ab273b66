import type { Damage, Unreadable } from '../../domain/damage';
import { POLICY_STREAM_PREFIX, policyStream } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { POLICY_EVENT_VERSIONS, type PolicyEvent } from '../../domain/policy/policy.events';
import { foldOne, nextRevision, type Folded, type StreamKind } from '../stream-kind';
import { StreamRepository } from '../stream-repository';
import type { StoredEvent } from '../ports/event-store';
import type { Project } from '../projects';
import { readPolicyEvent } from '../read-events';
import type { KeeperDeps } from './lane-repository';

interface Policy {
  /** Of the one in force; null before the first. */
  readonly digest: string | null;
  /** The first event of the stream that cannot be relied on: which policy is in force is not known, and none is recorded. */
  readonly damage: Damage | null;
}

const POLICIES: StreamKind<Policy, PolicyEvent> = {
  streamOf: policyStream,
  versions: POLICY_EVENT_VERSIONS,
  initial: { digest: null, damage: null },
  read: readPolicyEvent,
  evolve: evolvePolicy,
  damageOf: ({ damage }) => damage,
  // One for each project of the log.
  remembered: Infinity,
  remembersNothing: true,
};

/** Records policies when they change, and knows which one is in force. */
export class PolicyRepository {
  private readonly policies: StreamRepository<Policy, PolicyEvent>;
  /** As of the newest event that a subscription has told of. */
  private readonly told = new Map<string, Folded<Policy>>();

  constructor(private readonly deps: KeeperDeps) {
    this.policies = new StreamRepository(POLICIES, deps);
  }

  /** Makes this process's policy the one in force, unless it already is, or nothing can be said about that. */
  async record(project: Project): Promise<void> {
    const { project: key } = project.policy;
    for (;;) {
      // From the beginning: what a subscription told of may have left out what was recorded in between.
      const loaded = await this.policies.reload(key);
      if (loaded.state.damage || loaded.state.digest === project.policyDigest) return;
      if ((await this.append(project, loaded)) === 'stored') break;
    }
    // Another replica may have made the same event of it, at another time: then the stream has to say.
    await this.policies.recall(key);
  }

  /** Follows what other replicas record. */
  observe(stored: StoredEvent): void {
    const key = stored.stream.slice(POLICY_STREAM_PREFIX.length);
    const known = this.policies.presume(key);
    // What was told before is not told again; what was recorded unnoticed in between does not count any more.
    if (known.revision !== 'no-stream' && stored.revision <= known.revision) return;
    if (stored.revision === nextRevision(known.revision)) {
      this.policies.remember(key, known);
      this.policies.observe(key, stored);
    } else {
      const after = foldOne(POLICIES, { ...known, revision: stored.revision - 1n }, stored, null);
      this.policies.remember(key, after);
      if (after.state.damage) this.deps.onDamage?.(after.state.damage);
    }
    this.told.set(key, this.policies.presume(key));
  }

  /** False while another replica has recorded a policy that differs from this process's file. */
  isInForce(project: Project): boolean {
    return this.policies.peek(project.policy.project)?.state.digest === project.policyDigest;
  }

  /** The same, as the log says now: for a process that follows no subscription. True where nobody has recorded any. */
  async isInForceNow(project: Project): Promise<boolean> {
    const { state } = await this.policies.load(project.policy.project);
    return state.digest === null ? state.damage === null : state.digest === project.policyDigest;
  }

  damageOf(project: Project): Damage | null {
    return this.policies.peek(project.policy.project)?.state.damage ?? null;
  }

  private async append({ policy, policyDigest }: Project, loaded: Folded<Policy>): Promise<'stored' | 'conflict'> {
    const { clock, hasher, ids, worker } = this.deps;
    const { project: key } = policy;
    const event: PolicyEvent = { type: 'PolicyRecorded', data: { policy, digest: policyDigest } };
    const fields = {
      occurredAt: instant(clock.now()),
      actor: 'operator',
      worker,
      correlationId: key,
      causationId: loaded.lastEventId,
      policyDigest,
    };
    const commandId = `${policyStream(key)}@${loaded.revision}:${policyDigest}`;
    const decided = { state: { digest: policyDigest, damage: null }, events: [event], fields };
    const idOf = (index: number) => ids.eventId(commandId, index);
    const prepared = this.policies.prepare(key, loaded, decided, { hasher, idOf });
    const outcome = await this.policies.store(prepared, this.deps);
    // What others have recorded behind it meanwhile is not taken back.
    const told = this.told.get(key);
    if (told && nextRevision(told.revision) > nextRevision(prepared.after.revision)) this.policies.remember(key, told);
    return outcome;
  }
}

function evolvePolicy(before: Policy, event: PolicyEvent | Unreadable): Policy {
  if (before.damage) return before;
  if (event.type === 'Unreadable') return { digest: null, damage: event.data };
  return { digest: event.data.digest, damage: null };
}
