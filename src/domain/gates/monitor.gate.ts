import { finishText } from '../task/monitor';
import type { SubmittedTask } from '../task/task.state';
import { fail, NOT_CONFIGURED, notReady, pass, type Gate } from './gate';

/** check_monitor_healthy: what the polls of a whole window came to. Nothing here takes main back. */
export const monitorGate: Gate = {
  name: 'check_monitor_healthy',
  version: 2,
  evaluate: (task, policy) => {
    const verdict = task.verdicts.monitoring;
    if (!verdict) return policy.monitor ? notReady('not watched to the end yet') : NOT_CONFIGURED;
    const { revision, status, runId, subjectOid, artifact } = verdict;
    const { polls = null, bad = null } = task.monitor ?? {};
    const digest = artifact?.digest ?? null;
    const evidence = { verdict: revision, status, runId, subjectOid, polls, bad, artifactDigest: digest };
    return verdict.passed ? pass(evidence) : fail(degradedText(task), evidence);
  },
};

function degradedText({ monitor }: SubmittedTask): string {
  const text = 'what was deployed is DEGRADED';
  return monitor ? `${text}: ${finishText(monitor, 'DEGRADED')}` : text;
}
