import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Tokens } from './application/access/tokens';
import { ListSwitchesHandler } from './application/bus/list-switches.query';
import { COMMAND_HANDLERS } from './application/bus/command-handlers';
import { ListTokensHandler } from './application/bus/token.command';
import { Operations } from './application/operations';
import { OutsideWork } from './application/outside/outside-work';
import { TakeWork } from './application/outside/take-work';
import { EventRequests } from './application/event-feed/event-requests';
import { Clock } from './application/ports/clock';
import { EventStore } from './application/ports/event-store';
import { WorkerHost } from './application/ports/worker-host';
import { EvidenceOperations } from './application/evidence-operations';
import { Deliveries } from './application/hooks/deliveries';
import { AlertOperations } from './application/alert-operations';
import { Redelivery } from './application/redelivery';
import { LaneOperations } from './application/lane-operations';
import { SwitchOperations } from './application/switch-operations';
import type { Core } from './compose/core';
import { MetricsController } from './infrastructure/http/metrics/metrics.controller';
import { Scrape } from './infrastructure/http/metrics/scrape';
import type { ProcessTelemetry } from './infrastructure/telemetry/process-telemetry';
import { Telemetry } from './application/ports/telemetry';
import { manifest } from './cli/manifest';
import { EventStreams } from './infrastructure/http/events/event-streams';
import { EventsController } from './infrastructure/http/events/events.controller';
import type { HttpLimits } from './infrastructure/http/http-limits';
import { HooksController } from './infrastructure/http/hooks.controller';
import { ArtifactsController } from './infrastructure/http/artifacts.controller';
import { AlertsController } from './infrastructure/http/alerts.controller';
import { DeliveriesController } from './infrastructure/http/deliveries.controller';
import { HealthController } from './infrastructure/http/health.controller';
import { DeterminizationController } from './infrastructure/http/determinization.controller';
import { FlakesController } from './infrastructure/http/flakes.controller';
import { OpenapiController } from './infrastructure/http/openapi.controller';
import { OpenapiFile } from './infrastructure/http/openapi-file';
import { ProjectsController } from './infrastructure/http/projects.controller';
import { QueueController } from './infrastructure/http/queue.controller';
import { Readiness } from './infrastructure/http/readiness';
import { RunLogs } from './infrastructure/http/run-logs';
import { RunsController } from './infrastructure/http/runs.controller';
import { LanesController } from './infrastructure/http/lanes.controller';
import { demandStances } from './infrastructure/http/stance';
import { SwitchesController } from './infrastructure/http/switches.controller';
import { TasksController } from './infrastructure/http/tasks.controller';
import { TokensController } from './infrastructure/http/tokens.controller';
import { WorkController } from './infrastructure/http/work.controller';
import { ProjectionRunner } from './projections/following/projection-runner';
import { QUERY_HANDLERS } from './projections/query-handlers';
import { Views } from './projections/views';

const CONTROLLERS = [
  TasksController,
  ArtifactsController,
  TokensController,
  EventsController,
  FlakesController,
  QueueController,
  RunsController,
  DeterminizationController,
  SwitchesController,
  LanesController,
  AlertsController,
  DeliveriesController,
  WorkController,
  HooksController,
  HealthController,
  MetricsController,
  OpenapiController,
  ProjectsController,
];

/** The REST face: controllers on two buses, on parts that were composed without Nest. */
@Module({})
export class AppModule {
  static of(core: Core, readiness: Readiness, limits: HttpLimits, telemetry: ProcessTelemetry): DynamicModule {
    const { store, clock, host, models, settings } = core;
    const outside = core.outside();
    const streams = new EventStreams({ feed: core.feed, limits, logger: settings.logger, telemetry });
    const { projector, subscribers, standings, damage } = core;
    const { projects } = settings;
    const scraped = { models, projector, subscribers, standings, projects, damage, streams, readiness, store, clock };
    demandStances(CONTROLLERS);
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot()],
      controllers: [...CONTROLLERS],
      providers: [
        { provide: EventStore, useValue: store },
        { provide: Clock, useValue: clock },
        { provide: WorkerHost, useValue: host },
        // What is read is read by it alone: neither the read models nor the projects as a whole are at hand.
        { provide: Views, useValue: core.views() },
        { provide: ProjectionRunner, useValue: core.projector },
        { provide: Operations, useValue: core.operations() },
        { provide: Tokens, useValue: core.tokens },
        { provide: EvidenceOperations, useValue: core.evidenceOperations() },
        { provide: Deliveries, useValue: core.deliveries() },
        { provide: LaneOperations, useValue: core.laneOperations() },
        { provide: AlertOperations, useValue: core.alertOperations() },
        { provide: Redelivery, useValue: core.redelivery() },
        { provide: SwitchOperations, useValue: core.switchOperations() },
        { provide: TakeWork, useValue: outside.taking },
        { provide: OutsideWork, useValue: outside.work },
        { provide: EventRequests, useValue: core.eventRequests() },
        { provide: EventStreams, useValue: streams },
        { provide: Telemetry, useValue: telemetry },
        {
          provide: Scrape,
          useValue: new Scrape({ ...scraped, metrics: telemetry.metrics, version: manifest().version }),
        },
        { provide: RunLogs, useValue: new RunLogs(settings.stateDir) },
        { provide: OpenapiFile, useValue: new OpenapiFile() },
        { provide: Readiness, useValue: readiness },
        ...COMMAND_HANDLERS,
        ListTokensHandler,
        ...QUERY_HANDLERS,
        ListSwitchesHandler,
      ],
    };
  }
}
