import { ruleOf } from '../../failures/by-rule';
import { nextGate } from '../../gates/exit-gates';
import { subjectOf } from '../../gates/subject';
import { exitCodeToStatus, failedAt } from '../../staging/exit-code-to-status';
import { openClaim, staleClaim } from './decide-claim';
import { judged, toConfirm } from './decide-red';
import { deployInterrupted, deployNeverStarted } from './decide-deploy';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { recordInfraFailure } from './infra-failure';
import { JOBS } from '../job-table';
import { runnerOf } from '../pipeline';
import { answerRequests } from './requests';
import { hold, settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import { isLanding } from '../task.state';

/** A suite executed: exit code to verdict, verdict to gate, in one append. */
export function suiteRan(draft: Draft, { claim: token, suite }: TaskCommandData['ReportSuiteRun']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  const { verdict } = JOBS[claim.job.kind];
  if (verdict === null) return reject('wrong-job', `the open claim is for ${claim.job.kind}`);
  const { treeOid, baseOid, suiteDigest, environmentDigest, artifact } = suite;
  const found = judged(draft, claim, { ...suite.run, ...ruleOf(suite) }, suite);
  if (found.finding === 'unconfirmed') return toConfirm(draft, claim, suite.run, suite);
  const { finding, before, witness } = found;
  const said =
    finding === 'inconclusive' || finding === 'not-executed'
      ? { ...failedAt(verdict.stage), cause: finding }
      : { ...exitCodeToStatus(verdict.stage, suite.run.exitCode), cause: null };
  draft.add(
    { type: verdict.executed, data: { claim: token, run: suite.run } },
    {
      type: 'VerdictRecorded',
      data: {
        stage: verdict.stage,
        ...said,
        runId: claim.runId,
        claim: token,
        subjectOid: claim.headOid,
        treeOid,
        baseOid,
        suiteDigest,
        environmentDigest,
        artifact,
        producer: runnerOf(verdict.stage),
        source: 'runner',
        ...ruleOf(suite),
        ...(before ? { before } : {}),
        ...(witness ? { witness } : {}),
      },
    },
  );
  settle(draft);
  return accept(draft.events);
}

/** A job brought what its gate judges by. A gate that has no answer to it would have the job run again for ever. */
export function evidenceFound(draft: Draft, data: TaskCommandData['ReportEvidence']): Decision {
  const { claim: token, subjectOid, evidence, run, artifact } = data;
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  const { gate } = JOBS[claim.job.kind];
  if (gate === null) return reject('wrong-job', `the open claim is for ${claim.job.kind}, which no gate waits for`);
  if (subjectOid !== subjectOf(draft.task))
    return reject('other-candidate', `the evidence is about ${subjectOid}, which is not what ${gate} judges`);
  draft.add({
    type: 'EvidenceRecorded',
    data: { gate, claim: token, subjectOid, evidence, run, ...(artifact && { artifact }) },
  });
  settle(draft);
  const { task, context } = draft;
  if (!task.hold && !task.deferral && nextGate(task, context.policy, context.at)?.name === gate)
    hold(draft, 'unclassified', `gate ${gate} has no answer to the evidence of run ${claim.runId}`, { job: claim.job });
  return accept(draft.events);
}

/** The machine, the network, a lock or a tool failed. */
export function infraFailed(
  draft: Draft,
  { claim: token, neverStarted, ...failed }: TaskCommandData['ReportInfraFailure'],
): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  if (draft.task.deployBegun && claim.job.kind === 'deploy') {
    if (!neverStarted) {
      deployInterrupted(draft, claim, failed);
      return accept(draft.events);
    }
    deployNeverStarted(draft, claim, failed);
  }
  const asked = draft.task.requests;
  recordInfraFailure(draft, claim.job, failed);
  // A landing that met a busy lock has not begun, so what was asked for meanwhile need not wait for git.
  if (!isLanding(draft.task)) answerRequests(draft, asked);
  return accept(draft.events);
}

/** No rule explains what was seen: fail closed, roll nothing back. */
export function unclassified(draft: Draft, { claim: token, detail }: TaskCommandData['ReportUnclassified']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  draft.add({ type: 'ClaimReleased', data: { claim: token, reason: 'unclassified' } });
  hold(draft, 'unclassified', detail, { job: claim.job });
  return accept(draft.events);
}

/** An artifact is not what the event says. Somebody has to look; the change is not to blame. */
export function forgery(draft: Draft, data: TaskCommandData['ReportForgery']): Decision {
  const { claim: token, ...found } = data;
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  draft.add(
    { type: 'ForgeryDetected', data: found },
    { type: 'ClaimReleased', data: { claim: token, reason: 'forgery detected' } },
  );
  hold(draft, 'forgery', `${found.artifact}: expected digest ${found.expected}, saw ${found.seen}`, { job: claim.job });
  return accept(draft.events);
}
