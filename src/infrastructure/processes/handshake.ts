import type { Readable } from 'node:stream';

/** What the wrapper around a command said on its own channel: `S` before it starts it, `X <code>` after it ended. */
export type Handshake =
  | { readonly kind: 'none' }
  | { readonly kind: 'started' }
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** Somebody else wrote there. Nothing that was said counts. */
  | { readonly kind: 'forged'; readonly bytes: string };

const RECORDS = /^S\n(?:X (\d{1,3})\n)?$/;
const MOST_BYTES = 1024;

export function readHandshake(text: string): Handshake {
  if (text === '') return { kind: 'none' };
  const match = RECORDS.exec(text);
  if (!match || Number(match[1] ?? 0) > 255) return { kind: 'forged', bytes: JSON.stringify(text.slice(0, 200)) };
  return match[1] === undefined ? { kind: 'started' } : { kind: 'exited', exitCode: Number(match[1]) };
}

/** Collects what comes over the channel; ask when it has ended or the wait for that is over. */
export class HandshakeChannel {
  private text = '';

  constructor(readonly stream: Readable) {
    stream.on('data', (chunk: Buffer) => {
      if (this.text.length < MOST_BYTES) this.text += chunk.toString('latin1');
    });
    // A broken channel says nothing more; what it said is judged as it is.
    stream.on('error', () => undefined);
  }

  read(): Handshake {
    return readHandshake(this.text);
  }
}
