import type { StoredEvent } from '../../ports/event-store';
import type { Hasher } from '../../ports/ids';
import type { Finding, Unjudged } from './finding';
import { LogVerification } from './log-verification';

/** What a log is read from: a page of events that could be read, or something in between that is no event. */
export type Read = { readonly events: readonly StoredEvent[] } | { readonly finding: Finding };

/** Hears what is found while it is found, so that nothing has to be kept. */
export interface VerifyListener {
  readonly found: (finding: Finding) => void;
  /** After every page. @param events read so far */
  readonly progress: (events: number) => void;
}

export interface Verified {
  readonly events: number;
  readonly streams: number;
  readonly findings: number;
  readonly unjudged: readonly Unjudged[];
}

/** Reads a whole log and tells everything in it that is not what was written; one page of it is in memory. */
export async function verifyLog(
  log: AsyncIterable<Read>,
  hasher: Hasher,
  { found, progress }: VerifyListener,
): Promise<Verified> {
  const verification = new LogVerification(hasher);
  let events = 0;
  let findings = 0;
  const tell = (finding: Finding | null): void => {
    if (finding === null) return;
    findings += 1;
    found(finding);
  };
  for await (const read of log) {
    if ('finding' in read) tell(read.finding);
    else for (const event of read.events) tell(verification.take(event));
    events += 'events' in read ? read.events.length : 0;
    progress(events);
  }
  return { events, streams: verification.streamCount, findings, unjudged: verification.unjudged };
}
