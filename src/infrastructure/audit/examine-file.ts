import { eventLine, looseEventLine, type MovableEvent } from '../../application/audit/event-line';
import type { Finding } from '../../application/audit/verify/finding';
import type { Read } from '../../application/audit/verify/verify-log';
import type { StoredEvent } from '../../application/ports/event-store';
import { seen } from '../config/config-error';
import type { Line } from './lines';
import { HEADER, isTrailer, Tally, trailer } from './log-format';

/** When an event of a file was recorded nobody asks. */
const NO_TIME = new Date(0);

/**
 * Reads what `writeLog` wrote and goes on behind whatever is not as it was written, naming each such line. The digest in the last line
 * tells of lines that were taken out, put in or moved where the events themselves do not.
 */
export async function* examineFile(lines: AsyncIterable<Line>): AsyncGenerator<Read> {
  const tally = new Tally();
  let number = 0;
  let isEnded = false;
  for await (const { text, isWhole, fault: why } of lines) {
    number += 1;
    if (why !== null) yield fault(number, why);
    else if (number === 1 && text === HEADER) continue;
    if (number === 1) yield fault(1, `expected ${HEADER}, saw ${seen(text)}`);
    else if (isEnded) yield fault(number, `expected nothing behind the last line, saw ${seen(text)}`);
    else if (isTrailer(text)) {
      isEnded = true;
      yield* ofTrailer(text, tally, number);
    } else if (isWhole) yield* ofEvent(text, tally, number);
  }
  if (!isEnded)
    yield fault(
      number,
      `expected a last line with the number of events, saw the end after ${tally.events}: it was cut`,
    );
}

function* ofEvent(text: string, tally: Tally, number: number): Generator<Read> {
  tally.add(text);
  const event = looseEventLine(text);
  if (event === null) {
    yield fault(number, `expected an event, saw ${seen(text)}`);
    return;
  }
  if (eventLine(event) !== text) yield fault(number, 'expected an event as it is spelt, saw another spelling of it');
  yield { events: [atLine(event, number)] };
}

function* ofTrailer(text: string, tally: Tally, number: number): Generator<Read> {
  const expected = trailer(tally.totals());
  if (text !== expected) yield fault(number, `expected ${expected}, saw ${text.slice(0, expected.length + 1)}`);
}

function atLine(event: MovableEvent, number: number): StoredEvent {
  const line = BigInt(number);
  return { ...event, position: { commit: line, prepare: line }, recordedAt: NO_TIME };
}

function fault(line: number, text: string): { readonly finding: Finding } {
  return { finding: { check: 'file', place: String(line), event: null, text } };
}
