import { instant } from '../../../src/domain/instant';
import { T0, type LogWriter } from './log-writer';
import {
  claimed,
  deferred,
  HEAD,
  LANDING,
  MERGE_GATE,
  policyOf,
  runRecord,
  STAGING,
  stagingGreen,
  submitted,
} from './scenario';
import { BASE, NEW } from './scenario';

/** Numbers from 0 to below `below`, the same for the same seed. */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A log of interleaved tasks in two projects: some land, some are held, cancelled, deferred or sent back. */
export async function writeRandomLog(log: LogWriter, seed: number, tasks: number): Promise<void> {
  const random = generator(seed);
  await log.policy(policyOf('web'));
  await log.policy(policyOf('api'));
  const asked = { switch: 'mergeInfraRetry', by: 'ann', reason: 'to look at each' };
  await log.switched('web', { ...asked, enabled: false });
  const lives = Array.from({ length: tasks }, (_, i) => life(log, `${random(2) === 0 ? 'web' : 'api'}.t${i}`, random));
  while (lives.length > 0) {
    const at = random(lives.length);
    const { done } = (await lives[at]?.next()) ?? { done: true };
    if (done === true) lives.splice(at, 1);
  }
  await log.switched('web', { ...asked, enabled: null });
}

async function* life(log: LogWriter, id: string, random: (below: number) => number): AsyncGenerator<void> {
  const write = async (...events: Parameters<LogWriter['task']>[1][]) => {
    await log.task(id, ...events);
  };
  const project = id.split('.')[0] ?? '';
  await write(...submitted(id, random(10)));
  yield;
  await write(claimed(STAGING, `${id}-1`));
  yield;
  switch (random(5)) {
    case 0:
      await write(...deferred('2', instant(T0 + 600_000)));
      await write({
        type: 'AlertRaised',
        data: { key: `${id}@4`, severity: 'warning', title: 'slow', detail: 'ä "quoted"' },
      });
      if (random(2) === 0) await write({ type: 'AlertAcknowledged', data: { key: `${id}@4`, by: 'ann' } });
      return;
    case 1:
      await write({ type: 'TaskCancelled', data: { by: 'ann', reason: 'not needed' } });
      return;
    case 2:
      await write({
        type: 'TransitionReaped',
        data: { claim: '2', job: STAGING, reason: 'owner-dead', retryAt: instant(T0) },
      });
      await write({ type: 'StaleResultRefused', data: { claim: '2', runId: `${id}-1`, worker: 'w', refused: 'late' } });
      return;
    default:
      await write(...stagingGreen('2', `${id}-1`));
  }
  yield;
  await log.lane(project, { type: 'LaneGranted', data: { taskId: id, headOid: HEAD } });
  await write(claimed(MERGE_GATE, `${id}-2`));
  yield;
  const merge = { claim: '6', headOid: HEAD, baseOid: BASE, newOid: NEW, treeOid: BASE } as const;
  await write({ type: 'BranchRebased', data: { ...merge, outcome: 'clean', conflictPaths: [] } });
  await write({ type: 'RetestFinished', data: { ...merge, outcome: 'green', run: runRecord(`${id}-2`) } });
  await write({ type: 'StageAdvanced', data: { from: 'deploy-staging', to: 'deploy' } }, claimed(LANDING, `${id}-3`));
  yield;
  await write({
    type: 'TaskLanded',
    data: { claim: '10', newOid: NEW, baseOid: BASE, treeOid: BASE, recovered: false },
  });
  await write({ type: 'StageAdvanced', data: { from: 'deploy', to: 'done' } });
  await log.lane(project, { type: 'LaneReleased', data: { epoch: '0', taskId: id, reason: 'landed' } });
}
