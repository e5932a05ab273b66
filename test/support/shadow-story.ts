import type { TaskCommandData } from '../../src/domain/task/task.commands';
import type { Move } from './given-when-then';
import { HEAD, RUN, SUITE_DIGEST, TREE } from './task-stories';

let runs = 0;

/** A fact as the service records it, of a run of its own. */
export function shadowRan(data: Partial<TaskCommandData['RecordShadowSuite']> = {}): Move {
  const runId = data.runId ?? `run-${(runs += 1)}-shadow`;
  const failure = { reason: 'timeout', retryable: true, evidence: ['900 s'], step: 'suite' };
  const status = data.status === undefined ? 'FAILED' : data.status;
  return {
    move: () => ({
      type: 'RecordShadowSuite',
      data: {
        claim: '1',
        stage: 'deploy-staging',
        headOid: HEAD,
        treeOid: TREE,
        suiteDigest: SUITE_DIGEST,
        durationMs: 60_000,
        run: RUN,
        failure: status === null ? failure : null,
        ...data,
        status,
        runId,
      },
    }),
  };
}
