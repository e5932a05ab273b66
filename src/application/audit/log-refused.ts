/** A log that is not taken, or a store that does not take it: one line with what was expected, what was seen, what to do. */
export class LogRefused extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LogRefused';
  }
}
