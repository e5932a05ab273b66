/** Both ends belong to it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes that are kept somewhere, never held as a whole. Whoever has opened them reads them, once, or closes them. */
export interface KeptBytes {
  readonly sizeBytes: number;
  /** In pieces; closes them at the end, whichever that is. @param range left out: all of them. */
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
