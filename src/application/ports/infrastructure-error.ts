/** The world broke: neither a business refusal nor a lost race. Carries a stable code that is part of the API. */
export class InfrastructureError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
