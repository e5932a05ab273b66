import { AGENT_ROLES, type AgentRole } from '../../domain/task/pipeline';
import { costUsdOf, together, type UsageTotals } from '../../domain/usage/usage-totals';
import type { RoleTotals } from './projectors/queue-usage.projector';

/** What the runs of one role took, since the beginning of the log or of one task. */
export type RoleUsage = Omit<UsageTotals, 'costMicroUsd'> & { readonly role: AgentRole; readonly costUsd: number };

/** One line for each role that has run, in the order of the pipeline. */
export function roleUsage(rows: readonly RoleTotals[]): readonly RoleUsage[] {
  return AGENT_ROLES.flatMap((role) => {
    const found = rows.flatMap((row) => row[role] ?? []);
    if (found.length === 0) return [];
    const { costMicroUsd, ...totals } = together(found);
    return [{ role, ...totals, costUsd: costUsdOf({ costMicroUsd }) }];
  });
}
