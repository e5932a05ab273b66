import type { BriefFile } from '../../../src/domain/brief/brief';
import type { BriefFacts } from '../../../src/domain/brief/facts';
import { STAGE_TRANSITIONS, type AgentRole, type WorkStage } from '../../../src/domain/task/pipeline';
import { given, type Line } from '../../support/given-when-then';
import { EVERY_AGENT } from '../../support/policies';
import { BASE, HEAD, policy } from '../../support/task-stories';

export function stageOfRole(role: AgentRole): WorkStage {
  const row = STAGE_TRANSITIONS.find(({ producer, fallback }) => producer === role || fallback === role);
  if (!row) throw new Error(`no stage for ${role}`);
  return row.stage;
}

/** What the brief of a role is made from when this has happened, and these reports are still there. */
export function factsAfter(
  role: AgentRole,
  story: readonly Line[],
  { reports = [], template = null }: { reports?: readonly BriefFile[]; template?: string | null } = {},
): BriefFacts {
  const { task } = given(policy(EVERY_AGENT), ...story);
  return {
    ...{ task, role, stage: stageOfRole(role), runId: 'run-7', repository: 'web.git', main: 'main' },
    ...{ headOid: task.headOid ?? HEAD, baseOid: BASE, template, reports },
  };
}
