import type { StoredEvent } from '../../ports/event-store';
import type { Hasher } from '../../ports/ids';
import { inChain, isOfLaterVersion, isUnreadable, readLogEvent, revisionAfter } from '../../read-events';
import { StreamEnds } from '../stream-ends';
import type { Check, Finding, Unjudged } from './finding';

/** Types of later versions that are told apart; a log with more of them is no log of ours. */
const MOST_UNJUDGED = 1_000;

/**
 * Reads a log from its beginning and names every event that is not what was written. Behind one of them it goes on by what that one says of
 * itself, so that one change is one finding and the next change is found too.
 *
 * Keeps some 300 bytes for each stream, nothing for each event.
 */
export class LogVerification {
  private readonly ends = new StreamEnds();
  private readonly later = new Map<string, { type: string; version: number; events: number }>();

  constructor(private readonly hasher: Hasher) {}

  get streamCount(): number {
    return this.ends.size;
  }

  get unjudged(): readonly Unjudged[] {
    return [...this.later.values()];
  }

  /** Events of a stream in their order; those of different streams as they come. @returns null for what is as it was written. */
  take(stored: StoredEvent): Finding | null {
    const before = this.ends.pass(stored);
    if (stored.fault !== undefined) return finding('shape', stored, stored.fault);
    const linked = inChain(stored, stored, before, this.hasher);
    if (isUnreadable(linked))
      return finding(stored.revision === revisionAfter(before) ? 'chain' : 'sequence', stored, linked.data.reason);
    const read = readLogEvent(stored);
    if (!isUnreadable(read)) return null;
    if (!isOfLaterVersion(stored)) return finding('shape', stored, read.data.reason);
    this.note(stored);
    return null;
  }

  private note({ type, meta }: StoredEvent): void {
    const version = Number(meta['v']);
    const key = `${type} ${version}`;
    const noted = this.later.get(key);
    if (noted) noted.events += 1;
    else if (this.later.size < MOST_UNJUDGED) this.later.set(key, { type, version, events: 1 });
  }
}

function finding(check: Check, stored: StoredEvent, text: string): Finding {
  const { stream, revision, type, position } = stored;
  return { check, place: String(position.commit), event: { stream, revision: String(revision), type }, text };
}
