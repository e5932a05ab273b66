import { jobKey, type Job } from '../job';
import type { WorkStage } from '../pipeline';
import type { BudgetKey } from '../task.events';
import { budgetId, type SubmittedTask } from '../task.state';

/** Retries used, by `budgetId`; what is not in it has cost nothing yet. */
type Spent = SubmittedTask['spent'];

export function spend(spent: Spent, key: BudgetKey | null): Spent {
  if (!key) return spent;
  const id = budgetId(key);
  return { ...spent, [id]: (spent[id] ?? 0) + 1 };
}

export function renewed(spent: Spent, key: BudgetKey): Spent {
  return keepOnly(spent, (id) => id !== budgetId(key));
}

/** A suite has said one thing: what it had said before by chance is forgotten. */
export function forgetFlakes(spent: Spent, job: Job | undefined): Spent {
  return job ? renewed(spent, { budget: 'flake', key: jobKey(job) }) : spent;
}

/** A job that got through, or a change that is another one now, owes nothing for what infrastructure did before. */
export function forgetInfra(spent: Spent, job: Job | 'every job' | null): Spent {
  if (job === null) return spent;
  if (job === 'every job') return keepOnly(spent, (id) => !id.startsWith('infra:') && !id.startsWith('flake:'));
  return renewed(spent, { budget: 'infra', key: jobKey(job) });
}

/** A stage that was passed owes nothing any more. */
export function forgetStage(spent: Spent, stage: WorkStage): Spent {
  return forgetCrashes(forgetAgent(spent, stage), stage);
}

/** A worker got through what others had died of. */
export function forgetCrashes(spent: Spent, stage: WorkStage): Spent {
  return renewed(spent, { budget: 'crash', key: stage });
}

/** An agent that has answered is past its errors; the same stage may need it again after a rework. */
export function forgetAgent(spent: Spent, stage: WorkStage): Spent {
  return renewed(spent, { budget: 'agent', key: stage });
}

function keepOnly(spent: Spent, keep: (id: string) => boolean): Spent {
  return Object.fromEntries(Object.entries(spent).filter(([id]) => keep(id)));
}
