import { LogRefused } from '../application/audit/log-refused';
import { InfrastructureError } from '../application/ports/infrastructure-error';
import { ConfigError } from '../infrastructure/config/config-error';

/** Something the user has to put right: one line that says what was expected, what was seen and what to do. */
export class UserError extends Error {}

/** What was asked for was refused; the code says which refusal it was. */
export class Refused extends UserError {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** Faults of the world that are the user's to mend, not ours to explain with a stack. */
const USERS_TO_MEND = /^(GIT_|LOG_|STATE_|STORE_|READ_MODEL_|ARTIFACT_|RUN_LOG_|AGENT_FOLDER|UNSUPPORTED_PLATFORM)/;

export function isForUser(error: unknown): error is Error {
  if (error instanceof UserError || error instanceof ConfigError || error instanceof LogRefused) return true;
  return error instanceof InfrastructureError && USERS_TO_MEND.test(error.code);
}
