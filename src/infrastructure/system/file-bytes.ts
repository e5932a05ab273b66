import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ByteRange, KeptBytes } from '../../application/ports/kept-bytes';

/** A file as far as it had come when it was opened. */
export class FileBytes implements KeptBytes {
  constructor(
    private readonly handle: FileHandle,
    readonly sizeBytes: number,
  ) {}

  read(range: ByteRange = { start: 0, end: this.sizeBytes - 1 }): Readable {
    // A stream that ends before its beginning is an error to Node; an empty file has nothing to read.
    return this.handle.createReadStream(range.end < range.start ? { start: 0, end: 0 } : { ...range });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
