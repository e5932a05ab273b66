import { DEFAULT_FLAKE_RETRIES, type ProjectPolicy } from '../../policy/project-policy';
import type { BudgetKey, BudgetName } from '../task.events';
import { spentOf, type SubmittedTask } from '../task.state';

export interface BudgetState {
  readonly spent: number;
  readonly limit: number;
  readonly left: boolean;
}

export function budgetState(task: SubmittedTask, policy: ProjectPolicy, key: BudgetKey): BudgetState {
  const spent = spentOf(task, key);
  const limit = policy.budgets[key.budget satisfies BudgetName] ?? DEFAULT_FLAKE_RETRIES;
  return { spent, limit, left: spent < limit };
}
