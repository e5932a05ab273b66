import { laneStream, policyStream, switchStream, taskStream } from '../../../src/domain/ids';
import { instant } from '../../../src/domain/instant';
import type { JsonObject } from '../../../src/domain/json';
import type { LaneEvent } from '../../../src/domain/lane/lane.events';
import type { SwitchEventData } from '../../../src/domain/policy/switches.events';
import type { ProjectPolicy } from '../../../src/domain/policy/project-policy';
import type { TaskEvent } from '../../../src/domain/task/task.events';
import type { EventStore, NewEvent } from '../../../src/application/ports/event-store';

export const T0 = Date.parse('2025-01-01T00:00:00.000Z');
const SECOND = 1_000;

/** Writes a log by hand: every event a second after the one before it. */
export class LogWriter {
  private readonly revisions = new Map<string, bigint>();
  private count = 0;

  constructor(private readonly store: EventStore) {}

  get nowMs(): number {
    return T0 + this.count * SECOND;
  }

  async task(id: string, ...events: readonly TaskEvent[]): Promise<void> {
    await this.write(taskStream(id), events);
  }

  async lane(project: string, ...events: readonly LaneEvent[]): Promise<void> {
    await this.write(laneStream(project), events);
  }

  async policy(policy: ProjectPolicy): Promise<void> {
    await this.write(policyStream(policy.project), [{ type: 'PolicyRecorded', data: { policy, digest: 'd' } }]);
  }

  async switched(project: string, data: SwitchEventData['SwitchSet']): Promise<void> {
    await this.write(switchStream(project), [{ type: 'SwitchSet', data }]);
  }

  async write(stream: string, events: readonly { type: string; data: unknown }[]): Promise<void> {
    const revision = this.revisions.get(stream);
    await this.store.append(
      stream,
      revision ?? 'no-stream',
      events.map((event) => this.stored(event)),
    );
    this.revisions.set(stream, (revision ?? -1n) + BigInt(events.length));
  }

  private stored({ type, data }: { type: string; data: unknown }): NewEvent {
    this.count += 1;
    const meta = {
      v: 1,
      at: instant(this.nowMs),
      actor: 'test',
      worker: 'worker-1',
      correlation: '',
      causation: '',
      policy: null,
      chain: '0'.repeat(64),
    };
    const id = `00000000-0000-4000-8000-${String(this.count).padStart(12, '0')}`;
    return { id, type, data: data as JsonObject, meta };
  }
}
