import 'reflect-metadata';
import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { DeterminizationController } from '../../src/infrastructure/http/determinization.controller';
import { EventsController } from '../../src/infrastructure/http/events/events.controller';
import { FlakesController } from '../../src/infrastructure/http/flakes.controller';
import { HooksController } from '../../src/infrastructure/http/hooks.controller';
import { HealthController } from '../../src/infrastructure/http/health.controller';
import { MetricsController } from '../../src/infrastructure/http/metrics/metrics.controller';
import { OpenapiController } from '../../src/infrastructure/http/openapi.controller';
import { ProjectsController } from '../../src/infrastructure/http/projects.controller';
import { QueueController } from '../../src/infrastructure/http/queue.controller';
import { RunsController } from '../../src/infrastructure/http/runs.controller';
import { ArtifactsController } from '../../src/infrastructure/http/artifacts.controller';
import { AlertsController } from '../../src/infrastructure/http/alerts.controller';
import { DeliveriesController } from '../../src/infrastructure/http/deliveries.controller';
import { LanesController } from '../../src/infrastructure/http/lanes.controller';
import { SwitchesController } from '../../src/infrastructure/http/switches.controller';
import { TasksController } from '../../src/infrastructure/http/tasks.controller';
import { TokensController } from '../../src/infrastructure/http/tokens.controller';
import { WorkController } from '../../src/infrastructure/http/work.controller';

/** A test compares their number with that of the files. */
export const CONTROLLERS: readonly Type[] = [
  TasksController,
  ArtifactsController,
  TokensController,
  RunsController,
  EventsController,
  DeterminizationController,
  WorkController,
  FlakesController,
  QueueController,
  SwitchesController,
  LanesController,
  HooksController,
  AlertsController,
  DeliveriesController,
  HealthController,
  MetricsController,
  OpenapiController,
  ProjectsController,
];

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly handler: object;
  readonly controller: Type;
  /** Of the method of the controller. */
  readonly name: string;
}

/** Every route of the REST face. */
export function routes(): readonly Route[] {
  return CONTROLLERS.flatMap(routesOf);
}

function routesOf(controller: Type): readonly Route[] {
  const base = String(Reflect.getMetadata(PATH_METADATA, controller));
  const prototype = controller.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name] as object;
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const path = String(Reflect.getMetadata(PATH_METADATA, handler));
    return [
      {
        method: RequestMethod[method],
        path: `/${[base, path].filter((part) => part !== '/').join('/')}`,
        handler,
        controller,
        name,
      },
    ];
  });
}
