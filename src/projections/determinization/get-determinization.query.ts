import type { Projects } from '../../application/projects';
import { AGENT_ROLES, type AgentRole } from '../../domain/task/pipeline';
import { costUsdOf, together, type UsageTotals } from '../../domain/usage/usage-totals';
import type { PositionText } from '../events/position';
import type { SeenModels, Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import type { AgentRun } from './agent-run.projector';
import { AGENT_RUN, DETERMINIZATION, ROLE } from './determinization.projection';
import type { RoleRow } from './role.projector';
import { shadowedStages, type ShadowedStage } from './shadow-pairs';

export interface DeterminizationView {
  readonly position: PositionText;
  /** Null: of all projects. */
  readonly project: string | null;
  /** Those that have run, in the order of the pipeline. */
  readonly roles: readonly RoleView[];
  /** Those for which a shadow has ended. */
  readonly shadows: readonly ShadowedStage[];
}

export interface DeterminizationDeps {
  readonly models: SeenModels;
  readonly projects: Projects;
}

/** What the runs of a role came to and took. */
export interface RoleView extends Omit<RoleRow, 'usage'>, Omit<UsageTotals, 'costMicroUsd'> {
  readonly role: AgentRole;
  /** Null: no cost is recorded. */
  readonly costUsd: number | null;
}

/** How agents judge, what that takes, and what their suites say beside them: all of it from recorded runs. */
export function getDeterminization(
  { models, projects }: DeterminizationDeps,
  project: string | null,
): Promise<DeterminizationView> {
  return models.read(DETERMINIZATION, async (snapshot) => {
    const roles = await rolesIn(snapshot, project);
    const isKnown = project === null || roles.length > 0 || projects.get(project) !== null;
    if (!isKnown) throw unknownProject(projects, project);
    const shadows = shadowedStages(await comparedIn(snapshot, project));
    return { position: snapshot.position, project, roles, shadows };
  });
}

async function rolesIn(snapshot: Snapshot, project: string | null): Promise<readonly RoleView[]> {
  let rows = snapshot.rows<{ key: string; state: string }>(ROLE.name).selectAll();
  if (project !== null) rows = rows.where('key', '=', project);
  const found = (await rows.execute()).map((cells) => ROLE.decode({ ...cells }));
  return AGENT_ROLES.flatMap((role) => {
    const mine = found.flatMap((row) => row[role] ?? []);
    return mine.length === 0 ? [] : [viewOf(role, mine)];
  });
}

function viewOf(role: AgentRole, rows: readonly RoleRow[]): RoleView {
  const { costMicroUsd, ...usage } = together(rows.map((row) => row.usage));
  const priced = sumOf(rows, 'priced');
  return {
    role,
    finished: sumOf(rows, 'finished'),
    errored: sumOf(rows, 'errored'),
    verdicts: countsOf(rows),
    ...usage,
    priced,
    costUsd: priced === 0 ? null : costUsdOf({ costMicroUsd }),
  };
}

function sumOf(rows: readonly RoleRow[], name: 'priced' | 'finished' | 'errored'): number {
  return rows.reduce((sum, row) => sum + row[name], 0);
}

function countsOf(rows: readonly RoleRow[]): RoleRow['verdicts'] {
  const counts = new Map<string, number>();
  for (const { verdicts } of rows)
    for (const [status, count] of Object.entries(verdicts)) counts.set(status, (counts.get(status) ?? 0) + count);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Every run about a commit that a shadow was about, whether that one ran beside it or beside an earlier try. */
async function comparedIn(snapshot: Snapshot, project: string | null): Promise<readonly AgentRun[]> {
  let shadowed = snapshot.rows<AgentRun>(AGENT_RUN.name).select('subject').where('shadowRunId', 'is not', null);
  if (project !== null) shadowed = shadowed.where('project', '=', project);
  const rows = await snapshot
    .rows<AgentRun & { readonly key: string }>(AGENT_RUN.name)
    .selectAll()
    .where('subject', 'in', shadowed)
    .orderBy('key')
    .execute();
  return rows.map((cells) => AGENT_RUN.decode({ ...cells }));
}
