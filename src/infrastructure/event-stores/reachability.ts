import { InfrastructureError } from '../../application/ports/infrastructure-error';
import type { Logger } from '../../application/ports/logger';

/** What says that the store itself is away, as opposed to busy or refusing. */
const AWAY = /^STORE_(UNAVAILABLE|UNSUITABLE|OUTCOME_UNKNOWN|ACCESS_DENIED|SCHEMA|CORRUPT)$/;

/** Says once why a store cannot be used, and once that it can again, however many callers find out. */
export class Reachability {
  private awayFor: string | null = null;

  constructor(private readonly logger: Logger) {}

  answered(): void {
    if (this.awayFor === null) return;
    this.awayFor = null;
    this.logger.info('the event store answers again');
  }

  failed(error: unknown): void {
    if (!(error instanceof InfrastructureError)) return;
    if (!AWAY.test(error.code)) {
      this.answered();
      return;
    }
    if (this.awayFor === error.code) return;
    this.awayFor = error.code;
    this.logger.error('the event store cannot be used; waiting until it can', {
      code: error.code,
      error: error.message,
    });
  }
}
