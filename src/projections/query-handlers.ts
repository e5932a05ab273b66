import type { IQueryHandler } from '@nestjs/cqrs';
import { GetDeterminizationHandler } from './determinization/determinization.handlers';
import {
  GetQueueHandler,
  GetTaskHandler,
  GetWhyHandler,
  GetWorkHandler,
  ListAlertsHandler,
  ListDeliveriesHandler,
  ListFlakesHandler,
  ListTasksHandler,
} from './queue/queue.handlers';
import { GetRunHandler, ListRunsHandler } from './runs/runs.handlers';
import { GetArtifactHandler, GetTaskEventsHandler, ListArtifactsHandler } from './task/task.handlers';
import type { Reading } from './reading';
import type { Views } from './views';

/** Providers for the query bus; they need `Views`. The type keeps out what is read for nobody in particular. */
export const QUERY_HANDLERS: readonly (new (views: Views) => IQueryHandler<Reading<unknown>>)[] = [
  GetQueueHandler,
  GetTaskHandler,
  GetWhyHandler,
  GetWorkHandler,
  GetTaskEventsHandler,
  ListArtifactsHandler,
  GetArtifactHandler,
  ListRunsHandler,
  ListAlertsHandler,
  ListDeliveriesHandler,
  ListFlakesHandler,
  ListTasksHandler,
  GetRunHandler,
  GetDeterminizationHandler,
];
