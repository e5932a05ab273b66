import type { Duplex } from 'node:stream';
import { MS_PER_TICK } from '../proc/proc-table';

/** What the wrapper around a command said on its own channel; see launch-line.ts. */
export type Handshake =
  | { readonly kind: 'none' }
  | { readonly kind: 'started' }
  /** The machine had no process left for the command. */
  | { readonly kind: 'not-forked' }
  /** `left`: processes that were alive when the command had ended, and that its pid namespace took along. */
  | { readonly kind: 'exited'; readonly exitCode: number; readonly cpu: WaitedCpu | null; readonly left: number }
  /** Somebody else wrote there. Nothing that was said counts. */
  | { readonly kind: 'forged'; readonly bytes: string };

/** CPU of the command, of every descendant that somebody waited for, and of those that its pid namespace took along. */
export interface WaitedCpu {
  readonly userMs: number;
  readonly sysMs: number;
}

const TIME = String.raw`(\d+)m(\d+[.,]\d+)s`;
/** The shell's own times, then those of its children. */
const TIMES = String.raw`(?:\d+m\d+[.,]\d+s \d+m\d+[.,]\d+s\n${TIME} ${TIME}\n)`;
const RECORDS = new RegExp(String.raw`^S\n(?:F\n|${TIMES}?(?:X (\d{1,3})(?: (\d{1,9}) (\d{1,12}) (\d{1,12}))?\n)?)$`);
const MOST_BYTES = 1024;

export function readHandshake(text: string): Handshake {
  if (text === '') return { kind: 'none' };
  if (text === 'S\nF\n') return { kind: 'not-forked' };
  const match = RECORDS.exec(text);
  const [, userMin, userSec, sysMin, sysSec, code, left, userTicks, sysTicks] = match ?? [];
  if (!match || Number(code ?? 0) > 255) return { kind: 'forged', bytes: JSON.stringify(text.slice(0, 200)) };
  if (code === undefined) return { kind: 'started' };
  const cpu =
    userMin === undefined ? null : { userMs: toMs(userMin, userSec, userTicks), sysMs: toMs(sysMin, sysSec, sysTicks) };
  return { kind: 'exited', exitCode: Number(code), cpu, left: Number(left ?? 0) };
}

function toMs(minutes = '0', seconds = '0', ticks = '0'): number {
  const waited = Number(minutes) * 60_000 + Number(seconds.replace(',', '.')) * 1_000;
  return Math.round(waited) + Number(ticks) * MS_PER_TICK;
}

/**
 * Collects what comes over the channel; ask when it has ended or the wait for that is over.
 *
 * @param answers whether the wrapper waits for `G` before it starts the command.
 */
export class HandshakeChannel {
  private text = '';

  constructor(
    readonly stream: Duplex,
    { answers }: { readonly answers: boolean },
  ) {
    stream.on('data', (chunk: Buffer) => {
      if (answers && this.text === '') stream.write('G\n');
      if (this.text.length < MOST_BYTES) this.text += chunk.toString('latin1');
    });
    // A broken channel says nothing more; what it said is judged as it is.
    stream.on('error', () => undefined);
  }

  read(): Handshake {
    return readHandshake(this.text);
  }
}
