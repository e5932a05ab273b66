import { exitCodeToStatus } from '../../staging/exit-code-to-status';
import { runnerOf } from '../pipeline';
import { settle } from '../settle';
import type { InfraFailure, TaskCommandData } from '../task.commands';
import type { OpenClaim } from '../task.state';
import { openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';

/** A fact on the way. Behind it the command counts as started, whatever becomes of its worker. */
export function deployBegun(draft: Draft, { claim: token, oid }: TaskCommandData['RecordDeployBegun']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  const refused = refusal(draft, claim, oid);
  if (refused) return refused;
  if (draft.task.deployBegun)
    return reject('run-in-progress', 'the deploy has begun before: a person says what comes next');
  draft.add({ type: 'DeployBegun', data: { claim: token, runId: claim.runId, oid } });
  return accept(draft.events);
}

/** The command ended by itself: exit code to verdict, verdict to gate, in one append. */
export function deployed(
  draft: Draft,
  { claim: token, deployed: found }: TaskCommandData['ReportDeployRun'],
): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  const { oid, run, treeOid, commandDigest, environmentDigest, artifact } = found;
  const refused = refusal(draft, claim, oid);
  if (refused) return refused;
  const said = exitCodeToStatus('deploy', run.exitCode);
  const detail = `exit code ${run.exitCode} after ${run.durationMs} ms`;
  draft.add(
    { type: 'DeployFinished', data: { claim: token, status: said.status, detail, run } },
    {
      type: 'VerdictRecorded',
      data: {
        stage: 'deploy',
        ...said,
        cause: null,
        runId: claim.runId,
        claim: token,
        subjectOid: oid,
        treeOid,
        baseOid: draft.task.landed?.baseOid ?? null,
        suiteDigest: commandDigest,
        environmentDigest,
        artifact,
        producer: runnerOf('deploy'),
        source: 'runner',
      },
    },
  );
  settle(draft);
  return accept(draft.events);
}

/** Its end was not seen, so that its gate asks a person. No budget has a part in it. */
export function deployInterrupted(draft: Draft, claim: OpenClaim, { failureClass, failure, run }: InfraFailure): void {
  const { token, job } = claim;
  draft.add(
    { type: 'ToolErrored', data: { claim: token, job, failureClass, failure, run } },
    { type: 'DeployFinished', data: { claim: token, status: 'INTERRUPTED', detail: failure.reason, run } },
  );
  settle(draft);
}

/** Its record stays as it is read; what failed is the infra path of a job that has not begun. */
export function deployNeverStarted(draft: Draft, claim: OpenClaim, { failure, run }: InfraFailure): void {
  const data = { claim: claim.token, status: 'NOT_STARTED', detail: failure.reason, run };
  draft.add({ type: 'DeployFinished', data });
}

function refusal({ task }: Draft, { job }: OpenClaim, oid: string) {
  if (job.kind !== 'deploy') return reject('wrong-job', `the open claim is for ${job.kind}`);
  const landed = task.landed?.newOid ?? 'nothing';
  return landed === oid ? null : reject('other-candidate', `${oid} is not what has landed, which is ${landed}`);
}
