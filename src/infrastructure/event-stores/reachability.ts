import { InfrastructureError } from '../../application/ports/infrastructure-error';
import type { Log } from '../../application/ports/log';

/** What says that the store itself is away, as opposed to busy or refusing. */
const AWAY = /^STORE_(UNAVAILABLE|OUTCOME_UNKNOWN|ACCESS_DENIED|SCHEMA|CORRUPT)$/;

/** Says once that a store cannot be used, and once that it can again, however many callers find out. */
export class Reachability {
  private isAway = false;

  constructor(private readonly out: Log) {}

  answered(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.out.info('the event store answers again');
  }

  failed(error: unknown): void {
    if (!(error instanceof InfrastructureError)) return;
    if (!AWAY.test(error.code)) {
      this.answered();
      return;
    }
    if (this.isAway) return;
    this.isAway = true;
    this.out.error('the event store cannot be used; waiting until it can', { code: error.code, error: error.message });
  }
}
