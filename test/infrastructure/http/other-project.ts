import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileArtifactStore } from '../../../src/infrastructure/artifacts/file-artifact-store';
import type { EventStore } from '../../../src/application/ports/event-store';
import { ChainedLog } from '../../support/chained-log';
import { claimed, HEAD, policyOf, runRecord, STAGING, submitted } from '../../projections/support/scenario';
import { MERGED_TREE, SUITE_DIGEST } from '../../support/task-stories';

/** A project with something of everything that can be read, each under a name that has this in it. */
export const OTHER = 'zephyr';
export const OTHER_RUN = '0195f3c2-7f5e-7000-8000-00000000abcd';
const AT = '2026-01-05T08:00:00.000Z';

/** Into a log that has nothing of it. */
export async function writeOtherProject(store: EventStore, stateDir: string): Promise<void> {
  const log = new ChainedLog(store, OTHER);
  const [task, held] = [`${OTHER}.T1`, `${OTHER}.held`];
  await log.appendFacts(`policy-${OTHER}`, {
    type: 'PolicyRecorded',
    data: { policy: policyOf(OTHER), digest: '1'.repeat(64) },
  });
  const output = await new FileArtifactStore(stateDir).put(`${OTHER} failed like this\n`);
  const tested = { claim: '2', newOid: HEAD, baseOid: HEAD, treeOid: MERGED_TREE, suiteDigest: SUITE_DIGEST, output };
  const before = { colour: 'red', runId: `${OTHER}-first` };
  await log.appendFacts(`task-${task}`, ...submitted(task), claimed(STAGING, OTHER_RUN), {
    type: 'RetestFinished',
    data: { ...tested, outcome: 'inconclusive', run: runRecord(OTHER_RUN), before },
  });
  const alert = `${held}@2`;
  await log.appendFacts(
    `task-${held}`,
    ...submitted(held),
    { type: 'AlertRaised', data: { key: alert, severity: 'warning', title: `${OTHER} alert`, detail: OTHER } },
    { type: 'TaskHeld', data: { reason: 'person', by: OTHER, detail: `${OTHER} looks odd`, budget: null } },
  );
  // An event that nobody can read: its stream is damaged.
  await log.appendFacts(`task-${OTHER}.odd`, { type: 'TaskSubmitted', data: { nothing: OTHER } });
  await log.appendFacts(`switches-${OTHER}`, {
    type: 'SwitchSet',
    data: { switch: 'stagingRunner', enabled: false, by: OTHER, reason: `${OTHER} is off` },
  });
  await log.appendFacts(`lane-${OTHER}`, { type: 'LaneGranted', data: { taskId: task, headOid: HEAD } });
  const place = { stream: `task-${held}`, revision: '2' };
  const dead = { event: place, name: alert, outcome: 'dead', since: AT, tries: 3, answer: `${OTHER} said no` };
  await log.appendFacts('subscriber-alerts.pager', {
    type: 'BatchHandled',
    data: { after: place, lease: null, trouble: null, done: [], ended: [dead] },
  });
  mkdirSync(join(stateDir, 'logs'), { recursive: true });
  writeFileSync(join(stateDir, 'logs', `${OTHER_RUN}.log`), `${OTHER} has printed this\n`);
}
