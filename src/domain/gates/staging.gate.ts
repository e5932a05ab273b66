import { answerTo, hold, notReady, pass, type Gate } from './gate';

/**
 * check_staging_status: the same for the runner's verdict and an agent's. It believes the recorded verdict, never a file.
 * An exhausted infra budget reads as a hold, because nothing was learned about the change.
 */
export const stagingGate: Gate = {
  name: 'check_staging_status',
  version: 1,
  evaluate: (task) => {
    const verdict = task.verdicts['deploy-staging'];
    if (!verdict) return notReady('no staging verdict yet');
    if (verdict.subjectOid !== task.headOid) return notReady('the staging verdict is about another head');
    const evidence = {
      verdict: verdict.revision,
      status: verdict.status,
      runId: verdict.runId,
      subjectOid: verdict.subjectOid,
      artifactDigest: verdict.artifact?.digest ?? null,
      source: verdict.source,
    };
    if (verdict.cause !== null) return hold(verdict.cause, evidence);
    return verdict.passed ? pass(evidence) : answerTo('red', evidence);
  },
};
