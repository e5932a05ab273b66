import { isBranchName } from '../ids';
import { comesAfter, rowOf, type GateName, type StageRow, type WorkStage } from '../task/pipeline';
import type { SubmittedTask } from '../task/task.state';
import { fail, hold, NOT_CONFIGURED, notReady, pass, type Gate, type GateResult } from './gate';
import { mergeGate } from './merge.gate';
import { stagingGate } from './staging.gate';

/** Every exit gate, by name. Adding one is a function and a row here. */
export const EXIT_GATES: Readonly<Record<GateName, Gate>> = {
  intake: gate('intake', (task) =>
    isBranchName(task.branch) ? pass({ branch: task.branch }) : fail('invalid-branch', { branch: task.branch }),
  ),
  check_analysis_ready: gate('check_analysis_ready', verdictOf('analysis')),
  check_architecture_ready: gate('check_architecture_ready', verdictOf('architecture')),
  check_ci_green: gate('check_ci_green', (task) =>
    task.headOid === null || task.headOid === task.developedFrom
      ? notReady('no new commit on the branch')
      : NOT_CONFIGURED,
  ),
  check_review_approved: gate('check_review_approved', verdictOf('review')),
  check_tests_passed: gate('check_tests_passed', verdictOf('testing')),
  check_staging_status: stagingGate,
  check_branch_mergeable: mergeGate,
  check_security: gate('check_security', () => NOT_CONFIGURED),
  check_coverage: gate('check_coverage', () => NOT_CONFIGURED),
  check_image_fresh: gate('check_image_fresh', () => NOT_CONFIGURED),
  check_deploy_status: gate('check_deploy_status', (task) =>
    task.landed ? NOT_CONFIGURED : notReady('not landed yet'),
  ),
  check_monitor_healthy: gate('check_monitor_healthy', () => NOT_CONFIGURED),
};

/** The first exit gate of the task's stage that has not let it through yet. */
export function nextGate(task: SubmittedTask): Gate | null {
  const row = rowOfTask(task);
  const name = row?.gates.find((candidate) => !task.gatesPassed.includes(candidate));
  return name ? EXIT_GATES[name] : null;
}

export function rowOfTask(task: SubmittedTask): StageRow | null {
  const { stage } = task;
  return stage === 'done' || stage === 'cancelled' || stage === 'rejected' ? null : rowOf(stage);
}

function gate(name: GateName, evaluate: Gate['evaluate']): Gate {
  return { name, version: 1, evaluate };
}

function verdictOf(stage: WorkStage): Gate['evaluate'] {
  return (task): GateResult => {
    const verdict = task.verdicts[stage];
    if (!verdict) return notReady(`no verdict for ${stage} yet`);
    const evidence = { verdict: verdict.revision, status: verdict.status, runId: verdict.runId };
    // Analyst and architect commit themselves; what they found out holds for the branch, not for one head of it.
    const isBound = comesAfter(stage, 'development');
    if (isBound && verdict.subjectOid !== task.headOid) return notReady('the verdict is about another head');
    if (verdict.cause) return hold(verdict.cause, evidence);
    return verdict.passed ? pass(evidence) : fail(verdict.status, evidence);
  };
}
