import type { BriefFile } from '../../../src/domain/brief/brief';
import type { BriefFacts } from '../../../src/domain/brief/facts';
import { rowOf, STAGE_TRANSITIONS, type AgentRole, type WorkStage } from '../../../src/domain/task/pipeline';
import { given, type Line, type Move } from '../../support/given-when-then';
import { EVERY_AGENT } from '../../support/policies';
import { agentDone, BASE, HEAD, policy } from '../../support/task-stories';

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

/** The role's report under its own name, with a digest of that digit. */
export function reported(role: AgentRole, status: string, digit: string): Move {
  const done = agentDone(role, status);
  const artifact = { name: rowOf(stageOfRole(role)).artifact?.file ?? '', digest: digit.repeat(64) };
  return {
    move: (...given) => {
      const command = done.move(...given);
      if (command.type !== 'ReportAgentDone' || !command.data.verdict) throw new Error('no verdict');
      return { ...command, data: { ...command.data, verdict: { ...command.data.verdict, artifact } } };
    },
  };
}
