import { DETERMINIZATION } from './determinization/determinization.projection';
import type { Projection } from './projection';
import { QUEUE } from './queue/queue.projection';
import { REPORTS } from './reports/reports.projection';
import { RUNS } from './runs/runs.projection';
import { TASK } from './task/task.projection';

/** Every read model of the service. A new one is a folder and a member here. */
export const PROJECTIONS: readonly Projection[] = [QUEUE, TASK, RUNS, REPORTS, DETERMINIZATION];
