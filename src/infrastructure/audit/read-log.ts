import { ChainCheck } from '../../application/audit/chain-check';
import { parseEventLine, type MovableEvent } from '../../application/audit/event-line';
import { LogRefused } from '../../application/audit/log-refused';
import type { Hasher } from '../../application/ports/ids';
import { seen } from '../config/config-error';
import { validateAppend } from '../event-stores/validate-append';
import type { Line } from './lines';
import { FORMAT, HEADER, isTrailer, Tally, trailer } from './log-format';
import { wordsOf } from '../../domain/within-sentence';

const AGAIN = 'the file was changed: export again';
const NO_LOG = 'it is no log of stagegate audit export';
const OTHER_FORMAT = /^\{"stagegate":"log","format":(\d+)[,}]/;

/**
 * Reads what `writeLog` wrote and checks all of it: first and last line, every event as it was spelt, revisions, hash
 * chains, count and digest. An event is given out before the ones behind it are read.
 *
 * @throws LogRefused at the first thing that is not as it was written, with its line.
 */
export async function* readLog(lines: AsyncIterable<Line>, hasher: Hasher): AsyncGenerator<MovableEvent, void> {
  const tally = new Tally();
  const chains = new ChainCheck(hasher);
  let number = 0;
  let isEnded = false;
  for await (const { text, isWhole, fault } of lines) {
    number += 1;
    if (fault !== null) throw new LogRefused(`line ${number}: ${fault}; ${number === 1 ? NO_LOG : AGAIN}`);
    if (number === 1) checkHeader(text);
    else if (isEnded) throw refused(number, 'nothing behind the last line', seen(text), AGAIN);
    else if (isTrailer(text)) {
      checkTrailer(text, tally, number);
      isEnded = true;
    } else if (!isWhole) throw cut(tally.events);
    else yield checkEvent(text, { tally, chains, number });
  }
  if (!isEnded) throw number === 0 ? refused(1, HEADER, 'an empty file', AGAIN) : cut(tally.events);
}

function checkHeader(text: string): void {
  if (text === HEADER) return;
  const [, format] = OTHER_FORMAT.exec(text) ?? [];
  if (format !== undefined && Number(format) !== FORMAT)
    throw refused(1, `format ${FORMAT}`, `format ${format}`, 'import it with a program of the version that wrote it');
  throw refused(1, HEADER, seen(text), NO_LOG);
}

function checkTrailer(text: string, tally: Tally, number: number): void {
  const { events } = tally;
  const claimed = /"events":(\d+)/.exec(text)?.[1];
  if (claimed !== undefined && Number(claimed) !== events)
    throw refused(number, `${claimed} events before it`, `${events}`, AGAIN);
  const expected = trailer(tally.totals());
  if (text !== expected) throw refused(number, expected, text.slice(0, expected.length + 1), AGAIN);
}

interface Reading {
  readonly tally: Tally;
  readonly chains: ChainCheck;
  readonly number: number;
}

function checkEvent(text: string, { tally, chains, number }: Reading): MovableEvent {
  const event = parseEventLine(text);
  if (!event) throw refused(number, 'an event as stagegate audit export writes it', seen(text), AGAIN);
  const fault = chains.take(event);
  if (fault !== null)
    throw new LogRefused(`line ${number}: ${fault}; the log was changed: export again, or restore it`);
  try {
    // What no store would take must not be found when half of the log is in there.
    validateAppend(event.stream, 'no-stream', [event], { isImport: true });
  } catch (cause) {
    throw new LogRefused(`line ${number}: expected an event that a store takes, saw ${wordsOf(cause)}`, {
      cause,
    });
  }
  tally.add(text);
  return event;
}

function cut(events: number): LogRefused {
  return new LogRefused(
    `expected a last line with the number of events, saw the end of the file after ${events} events: it was cut; export again`,
  );
}

function refused(line: number, expected: string, what: string, advice: string): LogRefused {
  return new LogRefused(`line ${line}: expected ${expected}, saw ${what}; ${advice}`);
}
