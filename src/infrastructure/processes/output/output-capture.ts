import { createHash } from 'node:crypto';
import type { CapturedStream } from '../../../application/ports/process-runner';

/** Keeps the first and the last bytes of a stream in memory; counts and hashes all of them. */
export class OutputCapture {
  private readonly hash = createHash('sha256');
  private readonly head: Keeper;
  private readonly tail: Ring;
  private totalBytes = 0;

  constructor(maxHead: number, maxTail: number) {
    this.head = new Keeper(maxHead);
    this.tail = new Ring(maxTail);
  }

  take(chunk: Buffer): void {
    this.hash.update(chunk);
    this.totalBytes += chunk.length;
    this.tail.take(this.head.take(chunk));
  }

  /** Bytes that came. */
  size(): number {
    return this.totalBytes;
  }

  result(): CapturedStream {
    const { totalBytes } = this;
    const [head, tail] = [this.head.bytes(), this.tail.bytes()];
    const sha256 = this.hash.copy().digest('hex');
    return { head, tail, totalBytes, sha256, truncated: totalBytes > head.length + tail.length };
  }
}

/** The first bytes. Copies: a slice would keep the whole chunk it was cut from. */
class Keeper {
  private readonly chunks: Buffer[] = [];
  private length = 0;

  constructor(private readonly size: number) {}

  /** @returns what did not fit. */
  take(chunk: Buffer): Buffer {
    const kept = chunk.subarray(0, this.size - this.length);
    if (kept.length > 0) this.chunks.push(Buffer.from(kept));
    this.length += kept.length;
    return chunk.subarray(kept.length);
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** The last bytes, in a buffer that is made once: appending costs the bytes appended, however much came before. */
class Ring {
  private buffer: Buffer | null = null;
  private at = 0;
  private length = 0;

  constructor(private readonly size: number) {}

  take(chunk: Buffer): void {
    const last = chunk.subarray(Math.max(0, chunk.length - this.size));
    if (last.length === 0) return;
    this.buffer ??= Buffer.alloc(this.size);
    const first = last.copy(this.buffer, this.at);
    last.copy(this.buffer, 0, first);
    this.at = (this.at + last.length) % this.size;
    this.length = Math.min(this.size, this.length + last.length);
  }

  bytes(): Buffer {
    if (!this.buffer) return Buffer.alloc(0);
    if (this.length < this.size) return Buffer.from(this.buffer.subarray(0, this.length));
    return Buffer.concat([this.buffer.subarray(this.at), this.buffer.subarray(0, this.at)]);
  }
}
