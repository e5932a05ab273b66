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

/** Providers for the query bus; they need `ReadModels`, `Past`, `EventStore`, `ArtifactStore`, `Projects` and `Clock`. */
export const QUERY_HANDLERS = [
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
