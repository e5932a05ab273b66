import type { ReadModels } from '../read-models';
import { RUN_COUNT, RUNS } from './runs.projection';

/** How many claims of a project's job have come to what. */
export type RunCount = Readonly<Record<'project' | 'job' | 'outcome', string>> & { readonly count: number };

/** Runs by how they ended; a cancelled task leaves one that stands there as `running`. */
export function countRuns(models: ReadModels): Promise<readonly RunCount[]> {
  return models.read(RUNS, ({ rows }) =>
    rows<RunCount>(RUN_COUNT.name).select(['project', 'job', 'outcome', 'count']).execute(),
  );
}
