import { failureText } from '../task/words/failure-words';
import type { SubmittedTask } from '../task/task.state';
import { fail, hold, NOT_CONFIGURED, notReady, pass, type Gate } from './gate';
import { newerLanding } from './newer-landing';

/**
 * check_deploy_status: what the deploy command of the landed commit said. One that was begun and whose end nobody saw is neither
 * good nor bad, and is never run again unasked. Nothing here takes main back.
 */
export const deployGate: Gate = {
  name: 'check_deploy_status',
  version: 2,
  evaluate: (task, policy) => {
    const { landed, deployBegun, verdicts } = task;
    if (!landed) return notReady('not landed yet');
    const verdict = verdicts.deploy;
    if (verdict) {
      const { revision, status, runId, subjectOid, artifact } = verdict;
      const evidence = { verdict: revision, status, runId, subjectOid, artifactDigest: artifact?.digest ?? null };
      return verdict.passed ? pass(evidence) : fail(`the deploy ended with ${status}, see run ${runId}`, evidence);
    }
    if (deployBegun) return hold(interruptedText(task), { oid: deployBegun.oid, runId: deployBegun.runId });
    const newer = newerLanding(task);
    if (newer) return hold(`${newer} has landed on top of it: a deploy would take that back`, { newer });
    return policy.deploy ? notReady('not deployed yet') : NOT_CONFIGURED;
  },
};

function interruptedText({ failure }: SubmittedTask): string {
  const text = 'the deploy was interrupted, and nobody knows how far it got';
  return failure?.job.kind === 'deploy' ? `${text}: ${failureText(failure)}` : text;
}
