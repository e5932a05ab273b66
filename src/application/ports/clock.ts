export type Cancel = () => void;

/** Time, as the only way to learn it or to wait for it. */
export abstract class Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  abstract now(): number;
  /** Milliseconds from an arbitrary start; never jumps, never goes back. Deadlines are kept on this one. */
  abstract monotonic(): number;
  /** Calls `wake` once, `delayMs` (0 or more) from now, unless cancelled. Never keeps a process alive by itself. */
  abstract after(delayMs: number, wake: () => void): Cancel;
}
