import { withoutSecrets } from '../secrets';

/** The world broke: neither a business refusal nor a lost race. Carries a stable code that is part of the API. */
export class InfrastructureError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    // Half of it is what a library said, and it is told, kept in events and put into artifacts.
    super(withoutSecrets(message), options);
    this.name = new.target.name;
  }
}
