import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { from, switchMap, type Observable } from 'rxjs';
import type { Clock } from '../../application/ports/clock';
import { sleep } from '../../application/sleep';
import type { ProjectionRunner } from '../../projections/following/projection-runner';
import { isSignedRequest } from './hook-door';

/** Read models that do not follow the log hold up no answer for longer: the event is in the log, and `/queue` shows the trouble. */
const LIMIT_MS = 1_000;

const READS = new Set(['GET', 'HEAD']);

/**
 * Answers what has appended something when the read models show it: who is told that it is done sees it done, whichever
 * replica is asked.
 */
export class ShowsWhatItAccepted implements NestInterceptor {
  constructor(
    private readonly projector: Pick<ProjectionRunner, 'catchUp'>,
    private readonly clock: Clock,
    private readonly limitMs = LIMIT_MS,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    // Whoever sends a webhook reads nothing here.
    if (READS.has(request.method) || isSignedRequest(request)) return next.handle();
    return next.handle().pipe(switchMap((answer) => from(this.shown().then(() => answer as unknown))));
  }

  private async shown(): Promise<void> {
    const answered = new AbortController();
    const caughtUp = this.projector.catchUp().catch(() => {
      // Whoever follows the log meets the same trouble, and says so.
    });
    await Promise.race([caughtUp, sleep(this.clock, this.limitMs, answered.signal)]);
    answered.abort();
  }
}
