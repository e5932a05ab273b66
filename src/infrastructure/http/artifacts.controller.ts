import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import type { ProjectScope } from '../../domain/authority/principal';
import type { PageAsk } from '../../projections/page';
import { ProjectionRunner } from '../../projections/following/projection-runner';
import type { ArtifactsView } from '../../projections/task/list-artifacts.query';
import { GetArtifact, ListArtifacts } from '../../projections/task/task.handlers';
import { Within } from './caller';
import { HasEtag } from './conditions';
import { etagOf } from './etag';
import { findTask } from './find-task';
import { Parameters } from './known-parameters';
import { linkNext } from './next-link';
import { sendBytes } from './send-bytes';
import { Needs } from './stance';

@Controller('v1/tasks/:id/artifacts')
export class ArtifactsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly projector: ProjectionRunner,
  ) {}

  /** What was written about a task: by agents, suites and gates, and by checks from outside. */
  @Get()
  @Needs('read')
  @Parameters('limit', 'cursor')
  async list(
    @Within() within: ProjectScope,
    @Param('id') id: string,
    @Query() ask: PageAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ArtifactsView> {
    const page = await findTask(this.projector, id, () => this.queries.execute(new ListArtifacts(within, id, ask)));
    linkNext(request, response, page.nextCursor);
    return page;
  }

  /**
   * An artifact, by its name or its sha256.
   *
   * @produces text/plain
   * @ranges
   */
  @Get(':artifact')
  @Needs('read')
  @HasEtag('The sha256 of the artifact, in quotes.')
  async show(
    @Within() within: ProjectScope,
    @Param('id') id: string,
    @Param('artifact') artifact: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const ask = () => this.queries.execute(new GetArtifact(within, id, artifact));
    const { name, sha256, bytes } = await findTask(this.projector, id, ask);
    await sendBytes(bytes, request, response, { name, etag: etagOf(sha256) });
  }
}
