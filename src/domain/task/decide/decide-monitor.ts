import { failedAt, passedAt } from '../../staging/exit-code-to-status';
import { finishText, statusOf, windowAfter } from '../monitor';
import { runnerOf } from '../pipeline';
import { settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import { openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';

/** One poll, its number by those before it in the log; the last one of a window brings the verdict in the same append. */
export function polled(draft: Draft, { claim: token, poll }: TaskCommandData['ReportMonitorPoll']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  if (claim.job.kind !== 'monitor-poll') return reject('wrong-job', `the open claim is for ${claim.job.kind}`);
  const { oid, ok, seen, run, asked, checkDigest, environmentDigest, artifact } = poll;
  const { landed } = draft.task;
  if (landed?.newOid !== oid)
    return reject('other-candidate', `${oid} is not what has landed, which is ${landed?.newOid ?? 'nothing'}`);
  const { runId, since: startedAt } = claim;
  const { polls: number } = windowAfter(draft.task.monitor, { ok, seen, startedAt, asked });
  draft.add({
    type: 'MonitorPolled',
    data: { claim: token, runId, oid, poll: number, asked, ok, seen, startedAt, run },
  });
  const { policy } = draft.context;
  const { monitor } = draft.task;
  const status = monitor && policy.monitor ? statusOf(monitor, policy.monitor) : null;
  if (monitor && status) {
    const { polls, bad } = monitor;
    draft.add(
      { type: 'MonitorFinished', data: { status, detail: finishText(monitor, status), polls, bad } },
      {
        type: 'VerdictRecorded',
        data: {
          stage: 'monitoring',
          ...(status === 'HEALTHY' ? passedAt('monitoring') : failedAt('monitoring')),
          cause: null,
          runId,
          claim: token,
          subjectOid: oid,
          treeOid: null,
          baseOid: landed.baseOid,
          suiteDigest: checkDigest,
          environmentDigest,
          artifact,
          producer: runnerOf('monitoring'),
          source: 'runner',
        },
      },
    );
  }
  settle(draft);
  return accept(draft.events);
}
