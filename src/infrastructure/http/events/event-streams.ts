import type { Request, Response } from 'express';
import type { EventFeed } from '../../../application/event-feed/event-feed';
import type { EventFilter } from '../../../application/event-feed/event-filter';
import type { Logger } from '../../../application/ports/logger';
import type { Telemetry } from '../../../application/ports/telemetry';
import type { Position } from '../../../application/ports/event-store';
import { RequestRefused } from '../../../application/refusals';
import { withoutSecrets } from '../../../application/secrets';
import { isStillKnown } from '../caller';
import type { HttpLimits } from '../http-limits';
import { EventSender } from './event-sender';

export interface StreamsDeps {
  readonly feed: EventFeed;
  readonly limits: HttpLimits;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

interface Stream {
  readonly request: Request;
  /** Whose token it is; null for nobody's. */
  readonly holder: string | null;
  readonly end: AbortController;
  /** Why it ends, where that is not its reader's doing. */
  reason: 'gone' | 'cut-off' | 'token-ended' | 'stopped' | 'broke';
}

/** When whoever was refused may ask again: readers that have gone are noticed by then. */
const RETRY_AFTER_S = 10;

/** Everybody who follows the log over HTTP: not too many, for as long as they may, and no longer than the service runs. */
export class EventStreams {
  private readonly open = new Set<Stream>();
  private readonly stopHeeding: () => void;
  private readonly checks: NodeJS.Timeout;
  private isStopping = false;

  constructor(private readonly deps: StreamsDeps) {
    this.stopHeeding = deps.feed.heedAccess(() => {
      void this.checkAll();
    });
    // A token may end by its time as well, of which nothing is told.
    this.checks = setInterval(() => {
      void this.checkAll();
    }, deps.limits.heartbeatMs).unref();
  }

  /** Resolves when the stream is over. @throws RequestRefused before it has begun, when there are too many. */
  async serve(
    request: Request,
    response: Response,
    { from, filter, holder }: { readonly from: Position; readonly filter: EventFilter; readonly holder: string | null },
  ): Promise<void> {
    this.demandRoom(response, holder);
    const stream: Stream = { request, holder, end: new AbortController(), reason: 'gone' };
    this.open.add(stream);
    response.once('close', () => {
      stream.end.abort();
    });
    // Whoever has gone has gone, which `close` tells.
    response.on('error', () => undefined);
    begin(response);
    try {
      const { feed, limits } = this.deps;
      await new EventSender(
        { feed, response, filter, limits, signal: stream.end.signal, onCutOff: () => (stream.reason = 'cut-off') },
        from,
      ).run();
    } catch (error) {
      stream.reason = 'broke';
      // The reader comes back with its last id, and is told then whether that is still so.
      this.deps.logger.warn('an event stream broke off', { error: withoutSecrets(String(error)) });
    } finally {
      this.open.delete(stream);
      this.deps.telemetry.happened('stream-ended', { reason: stream.reason });
      response.end();
    }
  }

  /** Ends every stream: readers come back, to whoever is there then. */
  stop(): void {
    this.isStopping = true;
    this.stopHeeding();
    clearInterval(this.checks);
    for (const stream of this.open) {
      stream.reason = 'stopped';
      stream.end.abort();
    }
  }

  /** How many there are. */
  get count(): number {
    return this.open.size;
  }

  private demandRoom(response: Response, holder: string | null): void {
    const { streams, streamsPerToken } = this.deps.limits;
    const ofHolder = [...this.open].filter((stream) => holder !== null && stream.holder === holder).length;
    if (this.open.size < streams && ofHolder < streamsPerToken && !this.isStopping) return;
    this.deps.telemetry.happened('stream-refused', {});
    response.set('retry-after', String(RETRY_AFTER_S));
    const most = ofHolder < streamsPerToken ? `${streams} in all` : `${streamsPerToken} of one token`;
    const text = `expected at most ${most} event streams, saw one more; end one, or ask again in ${RETRY_AFTER_S} s`;
    throw new RequestRefused('limited', 'too-many-streams', text);
  }

  /** Ends the streams of tokens that let nobody in any more. While the store cannot tell, nothing is read from it either. */
  private async checkAll(): Promise<void> {
    for (const stream of [...this.open]) {
      const isKnown = await isStillKnown(stream.request).catch(() => true);
      if (isKnown) continue;
      stream.reason = 'token-ended';
      stream.end.abort();
    }
  }
}

function begin(response: Response): void {
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-content-type-options': 'nosniff',
    // For proxies that would gather what belongs to the reader at once.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
}
