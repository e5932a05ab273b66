import { SwitchWatch } from '../../src/application/conductor/switch-watch';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { instant } from '../../src/domain/instant';
import type { CitedSwitches } from '../../src/domain/policy/cited-switches';
import { evolveSwitches, NOTHING_SET } from '../../src/domain/policy/switches.decider';
import { NoProjects } from '../projections/support/harness';
import { QuietLogger } from '../support/quiet-logger';

class Warnings extends QuietLogger {
  readonly said: unknown[] = [];

  override warn(message: string, about?: object): void {
    this.said.push([message, about]);
  }
}

const OFF: CitedSwitches = { revision: null, off: ['stagingRunner'] };
const about = { project: 'web', worker: 'w2', offThere: 'stagingRunner', offHere: 'nothing' };

let logger: Warnings;
let projects: NoProjects;
let watch: SwitchWatch;
beforeEach(() => {
  logger = new Warnings();
  projects = new NoProjects();
  watch = new SwitchWatch({ projects, logger, self: 'w1' });
});

function claimed(switches: CitedSwitches | undefined, worker = 'w2'): StoredEvent {
  const at = '2026-11-30T08:00:00.000Z';
  const data = {
    claimId: 'c',
    job: { kind: 'staging-suite' },
    stage: 'deploy-staging',
    runId: 'r',
    cookie: 'r',
    worker,
    headOid: null,
    deadlineAt: at,
    laneEpoch: null,
    landing: null,
    ...(switches && { switches }),
  };
  const meta = { v: 1, at, actor: 'a', worker, correlation: '', causation: '', policy: null, chain: '' };
  const place = { id: 'x', stream: 'task-web.T1', revision: 4n, recordedAt: new Date(at) };
  return { ...place, type: 'TransitionClaimed', data, meta } as unknown as StoredEvent;
}

it('another replica that has something off which is on here is named, once', () => {
  watch.see('web', claimed(OFF));
  watch.see('web', claimed(OFF));
  expect(logger.said).toEqual([['another replica works with other switches', about]]);
});

it('one that says nothing has everything on, which is told where something is off here', () => {
  class Off extends NoProjects {
    override configuredSwitches() {
      return { ...super.configuredSwitches(), mergeInfraRetry: { file: false } };
    }
  }
  watch = new SwitchWatch({ projects: new Off(), logger, self: 'w1' });
  watch.see('web', claimed(undefined));
  expect(logger.said).toMatchObject([[expect.any(String), { offThere: 'nothing', offHere: 'mergeInfraRetry' }]]);
});

it('one that knows other events than this one differs for a moment, and is not named', () => {
  watch.see('web', claimed({ revision: '3', off: ['stagingRunner'] }));
  expect(logger.said).toEqual([]);
});

it('one that knows the same events and has the same switches is not named, nor is this process itself', () => {
  const data = { switch: 'stagingRunner', enabled: false, by: 'ann', reason: 'it hangs' };
  projects.noteSwitches('web', evolveSwitches(NOTHING_SET, { type: 'SwitchSet', data }, instant(0)));
  watch.see('web', claimed({ revision: '0', off: ['stagingRunner'] }));
  watch.see('web', claimed(OFF, 'w1'));
  expect(logger.said).toEqual([]);
  watch.see('web', claimed({ revision: '0', off: [] }));
  expect(logger.said).toHaveLength(1);
});
