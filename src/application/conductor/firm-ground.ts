import type { Ground } from '../ports/ground';
import type { InfrastructureError } from '../ports/infrastructure-error';
import type { Logger } from '../ports/logger';

/** Whether anything new may be begun on what the process stands on, said once when that changes. */
export class FirmGround {
  private inTheWay: string | null = null;
  private wasShaken = false;

  /** @param ground null where nobody looks. */
  constructor(
    private readonly ground: Pick<Ground, 'obstacle'> | null,
    private readonly logger: Logger,
  ) {}

  mayBegin(): boolean {
    const obstacle = this.ground?.obstacle() ?? null;
    const code = obstacle?.code ?? null;
    if (code !== this.inTheWay) this.tell(obstacle);
    this.inTheWay = code;
    this.wasShaken ||= code !== null;
    return code === null;
  }

  /** Once, when what was in the way is so no longer: what was not begun meanwhile may be now. */
  isFirmAgain(): boolean {
    if (!this.mayBegin() || !this.wasShaken) return false;
    this.wasShaken = false;
    return true;
  }

  private tell(obstacle: InfrastructureError | null): void {
    if (obstacle) this.logger.error('no new work is begun', { code: obstacle.code, error: obstacle.message });
    else this.logger.info('new work is begun again');
  }
}
