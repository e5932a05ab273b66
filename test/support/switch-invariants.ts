import type { StoredEvent } from '../../src/application/ports/event-store';
import type { SwitchEvent } from '../../src/domain/policy/switches.events';
import type { TaskEvent } from '../../src/domain/task/task.events';
import { recorded } from './recorded';
import type { Violation } from './violation';

/** By the job that it does. */
const RUNNERS: Readonly<Partial<Record<string, string>>> = {
  'staging-suite': 'stagingRunner',
  'testing-suite': 'testRunner',
  deploy: 'deployFinalizer',
  'monitor-poll': 'postDeployMonitor',
};

type Said = ReadonlyMap<string, boolean>;

/**
 * I12: a claim cites the switches it was made under. What it cites is what events have said up to the one it names, that one was
 * in the log before it, and no suite is claimed whose runner is off.
 *
 * @param log of one project, in its order.
 */
export function checkSwitches(log: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  /** After each event of the switches' stream. */
  const said: Said[] = [];
  for (const stored of log) {
    if (stored.stream.startsWith('switches-')) said.push(after(said.at(-1), stored));
    if (stored.type === 'LeaseViolationObserved' && !said.some((one) => one.get('transitionLease') === false))
      violations.push({
        invariant: 'I2',
        stream: stored.stream,
        revision: stored.revision,
        detail: 'nobody has switched the lease off',
      });
    if (stored.type !== 'TransitionClaimed') continue;
    const claim = recorded<Extract<TaskEvent, { type: 'TransitionClaimed' }>>(stored).data;
    const { revision = null, off = [] } = claim.switches ?? {};
    const wrong = (detail: string) =>
      violations.push({ invariant: 'I12', stream: stored.stream, revision: stored.revision, detail });
    const known = revision === null ? -1n : BigInt(revision);
    if (known >= said.length) wrong(`cites event ${known} of ${said.length} of its switches`);
    for (const [name, enabled] of said[Number(known)] ?? [])
      if (enabled === off.includes(name))
        wrong(`${name} was switched ${enabled ? 'on' : 'off'} by event ${known} or before`);
    const runner = RUNNERS[claim.job.kind];
    if (runner !== undefined && off.includes(runner)) wrong(`${runner} is off`);
  }
  return violations;
}

function after(before: Said = new Map(), stored: StoredEvent): Said {
  const { switch: name, enabled } = recorded<SwitchEvent>(stored).data;
  const next = new Map(before);
  if (enabled === null) next.delete(name);
  else next.set(name, enabled);
  return next;
}
