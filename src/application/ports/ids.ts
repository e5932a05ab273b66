/** Identities and randomness. */
export abstract class Ids {
  /** UUIDv5 of (command id, index): a re-sent command gives the very same event ids. Lower case. */
  abstract eventId(commandId: string, index: number): string;
  /** A fresh random UUID, lower case. */
  abstract uuid(): string;
  /** 256 random bits that nobody can guess, as 64 hexadecimal digits in lower case. */
  abstract secret(): string;
  /** Uniform in [0, 1): jitter. */
  abstract random(): number;
}

/** Content digests. */
export abstract class Hasher {
  /** SHA-256 as 64 hexadecimal digits; text is hashed as UTF-8. */
  abstract sha256(...parts: readonly (string | Uint8Array)[]): string;
}
