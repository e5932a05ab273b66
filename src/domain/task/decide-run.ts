import { exitCodeToStatus } from '../staging/exit-code-to-status';
import { isLanding, moveHead, openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { recordInfraFailure } from './infra-failure';
import { hold, settle } from './settle';
import type { TaskCommandData } from './task.commands';

/** The staging suite executed: exit code to verdict, verdict to gate, in one append. */
export function stagingRan(draft: Draft, { claim: token, suite }: TaskCommandData['ReportStagingRun']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  if (claim.job.kind !== 'staging-suite') return reject('wrong-job', `the open claim is for ${claim.job.kind}`);
  const status = exitCodeToStatus(suite.run.exitCode);
  const { treeOid, baseOid, suiteDigest, environmentDigest, artifact } = suite;
  draft.add(
    { type: 'StagingSuiteExecuted', data: { claim: token, run: suite.run } },
    {
      type: 'VerdictRecorded',
      data: {
        stage: 'deploy-staging',
        status,
        passed: status === 'SUCCESS',
        cause: null,
        runId: claim.runId,
        claim: token,
        subjectOid: claim.headOid,
        treeOid,
        baseOid,
        suiteDigest,
        environmentDigest,
        artifact,
        producer: 'staging-runner',
        source: 'runner',
      },
    },
  );
  settle(draft);
  return accept(draft.events);
}

/** The machine, the network, a lock or a tool failed. */
export function infraFailed(
  draft: Draft,
  { claim: token, ...failed }: TaskCommandData['ReportInfraFailure'],
): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  recordInfraFailure(draft, claim.job, failed);
  return accept(draft.events);
}

/** The branch moved while the job ran: its result is void, and nobody pays for that. */
export function stale(draft: Draft, { claim: token, headOid }: TaskCommandData['ReportStale']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  if (isLanding(draft)) return reject('wrong-job', 'a landing reports its outcome, not a stale head');
  if (headOid === draft.task.headOid) {
    draft.add({ type: 'ClaimReleased', data: { claim: token, reason: 'the branch is back where it was' } });
  } else {
    moveHead(draft, headOid);
  }
  return accept(draft.events);
}

/** No rule explains what was seen: fail closed, roll nothing back. */
export function unclassified(draft: Draft, { claim: token, detail }: TaskCommandData['ReportUnclassified']): Decision {
  if (!openClaim(draft, token)) return staleClaim(draft, token);
  draft.add({ type: 'ClaimReleased', data: { claim: token, reason: 'unclassified' } });
  hold(draft, 'unclassified', detail);
  return accept(draft.events);
}

/** An artifact is not what the event says. Somebody has to look; the change is not to blame. */
export function forgery(draft: Draft, data: TaskCommandData['ReportForgery']): Decision {
  const { claim: token, ...found } = data;
  if (!openClaim(draft, token)) return staleClaim(draft, token);
  draft.add(
    { type: 'ForgeryDetected', data: found },
    { type: 'ClaimReleased', data: { claim: token, reason: 'forgery detected' } },
  );
  hold(draft, 'forgery', `${found.artifact}: expected digest ${found.expected}, saw ${found.seen}`);
  return accept(draft.events);
}
