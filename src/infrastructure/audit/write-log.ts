import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pagesOf } from '../../application/audit/compare-log';
import { ChainCheck } from '../../application/audit/chain-check';
import { eventLine } from '../../application/audit/event-line';
import type { Hasher } from '../../application/ports/ids';
import type { EventStore } from '../../application/ports/event-store';
import { HEADER, Tally, trailer, type Totals } from './log-format';

export type Written = Totals & { readonly bytes: number };

/**
 * Writes a whole log as JSON Lines, as fast as they are taken and with one page of it in memory. The same log gives the
 * same bytes on every store. What is appended meanwhile is part of it as long as its end has not been reached.
 *
 * @param hasher nothing is given out as the log that is not what was written: the export ends at the first such event.
 * @param end whether `out` is closed behind the last line.
 */
export async function writeLog(store: EventStore, hasher: Hasher, out: Writable, end: boolean): Promise<Written> {
  const tally = new Tally();
  let bytes = 0;
  const chunks = async function* () {
    for await (const chunk of textOf(store, hasher, tally)) {
      bytes += Buffer.byteLength(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(chunks(), { highWaterMark: 1 }), out, { end });
  return { ...tally.totals(), bytes };
}

async function* textOf(store: EventStore, hasher: Hasher, tally: Tally): AsyncGenerator<string> {
  yield `${HEADER}\n`;
  const chains = new ChainCheck(hasher);
  for await (const page of pagesOf(store)) {
    for (const event of page) chains.demand(event);
    const lines = page.map(eventLine);
    for (const line of lines) tally.add(line);
    if (lines.length > 0) yield `${lines.join('\n')}\n`;
  }
  yield `${trailer(tally.totals())}\n`;
}
