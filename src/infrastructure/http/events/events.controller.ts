import { Controller, Get, Query, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EventRequests, type EventsAsked, type EventsPage } from '../../../application/event-feed/event-requests';
import type { Principal, ProjectScope } from '../../../domain/authority/principal';
import { Reader, Within } from '../caller';
import { Parameters } from '../known-parameters';
import { EventStreams } from './event-streams';
import { formAsked } from './form-asked';
import { Needs } from '../stance';

@Controller('v1/events')
export class EventsController implements OnModuleDestroy {
  constructor(
    private readonly requests: EventRequests,
    private readonly streams: EventStreams,
  ) {}

  /**
   * The log from any position on: as a stream that goes on, or a page of it.
   *
   * @produces text/event-stream
   * @orJsonOf page
   */
  @Get()
  @Needs('read')
  @Parameters('from', 'project', 'task', 'type', 'limit')
  async read(
    @Within() within: ProjectScope,
    @Query() asked: EventsAsked,
    @Reader() reader: Principal | null,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const form = formAsked(request, asked);
    if (form === 'page') {
      response.set('cache-control', 'no-store').json(await this.page(asked, within));
      return;
    }
    const lastEventId = request.headers['last-event-id'];
    const from = lastEventId === undefined || lastEventId === '' ? asked.from : String(lastEventId);
    const start = await this.requests.start({ ...asked, from }, within);
    if (request.method === 'HEAD') response.type('text/event-stream').end();
    else await this.streams.serve(request, response, { ...start, holder: reader?.name ?? null });
  }

  private page(asked: EventsAsked, within: ProjectScope): Promise<EventsPage> {
    return this.requests.page(asked, within);
  }

  onModuleDestroy(): void {
    this.streams.stop();
  }
}
