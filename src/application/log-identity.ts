import { LANE_STREAM_PREFIX, POLICY_STREAM_PREFIX, TASK_STREAM_PREFIX } from '../domain/ids';
import { envelopeOf } from './envelope';
import type { EventStore } from './ports/event-store';

const PREFIXES = [POLICY_STREAM_PREFIX, LANE_STREAM_PREFIX, TASK_STREAM_PREFIX];
/** Hexadecimal digits: enough to keep the few logs apart that ever meet in one repository. */
const NAME_LENGTH = 16;

/**
 * Names the log, for refs that outlive it: every replica reads the same name from the first event, and a log that is
 * begun anew in the same place has another one.
 */
export class LogIdentity {
  private known: string | null = null;

  constructor(private readonly store: EventStore) {}

  /** @throws when the log is empty: nobody has been granted anything yet, so nobody may ask. */
  async name(): Promise<string> {
    if (this.known !== null) return this.known;
    const { events } = await this.store.readAll({ prefixes: PREFIXES, limit: 1 });
    const [first] = events;
    if (!first) throw new Error('an empty log has no name');
    return (this.known = envelopeOf(first).chain.slice(0, NAME_LENGTH));
  }
}
