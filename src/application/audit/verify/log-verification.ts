import { CHAIN_START } from '../../envelope';
import type { StoredEvent } from '../../ports/event-store';
import type { Hasher } from '../../ports/ids';
import { chainIn, inChain, isOfLaterVersion, isUnreadable, readLogEvent } from '../../read-events';
import type { Check, Finding, Unjudged } from './finding';

interface Last {
  readonly revision: bigint | 'no-stream';
  readonly chain: string;
}

const BEFORE_ALL: Last = { revision: 'no-stream', chain: CHAIN_START };
/** Types of later versions that are told apart; a log with more of them is no log of ours. */
const MOST_UNJUDGED = 1_000;

/**
 * Reads a log from its beginning and names every event that is not what was written. Behind one of them it goes on by what that one says of
 * itself, so that one change is one finding and the next change is found too.
 *
 * Keeps some 300 bytes for each stream, nothing for each event.
 */
export class LogVerification {
  private readonly streams = new Map<string, Last>();
  private readonly later = new Map<string, { type: string; version: number; events: number }>();

  constructor(private readonly hasher: Hasher) {}

  get streamCount(): number {
    return this.streams.size;
  }

  get unjudged(): readonly Unjudged[] {
    return [...this.later.values()];
  }

  /** Events of a stream in their order; those of different streams as they come. @returns null for what is as it was written. */
  take(stored: StoredEvent): Finding | null {
    const before = this.streams.get(stored.stream) ?? BEFORE_ALL;
    this.streams.set(stored.stream, { revision: stored.revision, chain: chainIn(stored) });
    if (stored.fault !== undefined) return finding('shape', stored, stored.fault);
    const linked = inChain(stored, stored, before, this.hasher);
    if (isUnreadable(linked)) return finding(isNext(stored, before) ? 'chain' : 'sequence', stored, linked.data.reason);
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

function isNext({ revision }: StoredEvent, before: Last): boolean {
  return revision === (before.revision === 'no-stream' ? 0n : before.revision + 1n);
}

function finding(check: Check, stored: StoredEvent, text: string): Finding {
  const { stream, revision, type, position } = stored;
  return { check, place: String(position.commit), event: { stream, revision: String(revision), type }, text };
}
