import { policyStream } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { POLICY_EVENT_VERSIONS, type PolicyEvent } from '../../domain/policy/policy.events';
import { CHAIN_START, recorded, toNewEvents } from '../envelope';
import type { Clock } from '../ports/clock';
import { StreamNotFound, type EventStore, type StoredEvent } from '../ports/event-store';
import type { Hasher, Ids } from '../ports/ids';
import type { Project } from '../projects';
import { appendReliably } from '../reliable-append';

/** Records policies when they change, and knows which one is in force. */
export class PolicyKeeper {
  private readonly latest = new Map<string, string>();

  constructor(private readonly deps: { store: EventStore; clock: Clock; ids: Ids; hasher: Hasher; worker: string }) {}

  /** Makes this process's policy the one in force, unless it already is. */
  async record(project: Project): Promise<void> {
    const { clock, hasher, ids, worker } = this.deps;
    const stream = policyStream(project.policy.project);
    for (;;) {
      const last = await this.last(stream);
      if (last && recorded<PolicyEvent>(last).data.digest === project.policyDigest) break;
      const expected = last ? last.revision : 'no-stream';
      const chain = last ? recorded<PolicyEvent>(last).envelope.chain : CHAIN_START;
      const event: PolicyEvent = {
        type: 'PolicyRecorded',
        data: { policy: project.policy, digest: project.policyDigest },
      };
      const fields = {
        occurredAt: instant(clock.now()),
        actor: 'operator',
        worker,
        correlationId: project.policy.project,
        causationId: last?.id ?? '',
        policyDigest: project.policyDigest,
      };
      const commandId = `${stream}@${expected}:${project.policyDigest}`;
      const made = toNewEvents(hasher, { stream, expected, chain }, [event], POLICY_EVENT_VERSIONS, fields, (i) =>
        ids.eventId(commandId, i),
      );
      const { kind } = await appendReliably(this.deps, stream, expected, made.events);
      if (kind === 'appended') break;
    }
    this.latest.set(project.policy.project, project.policyDigest);
  }

  /** Follows what other replicas record. */
  observe(stored: StoredEvent): void {
    const { policy, digest } = recorded<PolicyEvent>(stored).data;
    this.latest.set(policy.project, digest);
  }

  /** False while another replica has recorded a policy that differs from this process's file. */
  isInForce(project: Project): boolean {
    return this.latest.get(project.policy.project) === project.policyDigest;
  }

  private async last(stream: string): Promise<StoredEvent | null> {
    try {
      const [event] = await this.deps.store.readStream(stream, { direction: 'backwards', from: 'end', limit: 1 });
      return event ?? null;
    } catch (error) {
      if (error instanceof StreamNotFound) return null;
      throw error;
    }
  }
}
