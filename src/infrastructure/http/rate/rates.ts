/** Requests a minute; 0: as many as they like. */
export interface Rates {
  readonly perToken: number;
  /** Of whoever brings no token that is valid here. */
  readonly perAddress: number;
}

/** No agent comes near it, nor do several under one token; somebody who guesses, or a loop that has run away, does. */
export const RATES: Rates = { perToken: 6_000, perAddress: 600 };
