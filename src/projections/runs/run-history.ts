import { SuiteHistory, type SuiteBaseline } from '../../application/ports/suite-history';
import type { ReadModels, Snapshot } from '../read-models';
import type { Run } from './run.projector';
import { RUN, RUNS } from './runs.projection';

/** Recent enough to be the suite as it is now, enough to outvote one slow day. */
const RECENT_RUNS = 5;
const LEAST_RUNS = 3;

interface Measured {
  readonly wallMs: number;
  readonly ownCores: number;
}

/** The runs of a project as the read model has them; what it has not seen yet is not missed. */
export class RunHistory extends SuiteHistory {
  constructor(private readonly models: ReadModels) {
    super();
  }

  async baseline(project: string, job: string): Promise<SuiteBaseline | null> {
    try {
      const read = await this.models.readIfBuilt(RUNS, (snapshot) => recentGreen(snapshot, project, job));
      const runs = read?.value ?? [];
      if (runs.length < LEAST_RUNS) return null;
      return {
        wallMs: median(runs.map(({ wallMs }) => wallMs)),
        ownCores: median(runs.map(({ ownCores }) => ownCores)),
      };
    } catch {
      // A read model that cannot be read at the moment: a timeout is then judged without it.
      return null;
    }
  }
}

async function recentGreen(snapshot: Snapshot, project: string, job: string): Promise<readonly Measured[]> {
  const cells = await snapshot
    .rows<Omit<Run, 'usage' | 'agentUsage'> & Readonly<Record<'usage' | 'agentUsage', string | null>>>(RUN.name)
    .selectAll()
    .where('project', '=', project)
    .where('job', '=', job)
    .where('outcome', '=', 'passed')
    .orderBy('claimedAt', 'desc')
    .limit(RECENT_RUNS)
    .execute();
  return cells.flatMap((row) => {
    const { durationMs, usage } = RUN.decode({ ...row });
    const ownCores = (usage as { readonly ownCores?: unknown } | null)?.ownCores;
    return durationMs !== null && typeof ownCores === 'number' ? [{ wallMs: durationMs, ownCores }] : [];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
