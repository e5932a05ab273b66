import type { StoredEvent } from '../../src/application/ports/event-store';
import type { MonitorPolicy } from '../../src/domain/policy/project-policy';
import type { TaskEvent } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

/** By the digest of a policy; one without a monitor is missing. */
export type Monitors = ReadonlyMap<string, MonitorPolicy>;

/**
 * I43: a task that is watched is done by a whole window of polls that ended well, or by an override; each poll is of a claim of its
 * own, counted without a gap from where its window began, and a window that has ended takes no more. Counted here by hand.
 */
export function checkMonitor(events: readonly StoredEvent[], monitors: Monitors): Violation[] {
  const violations: Violation[] = [];
  const claims = new Set<string>();
  let landed = false;
  let stage = '';
  /** Whether each poll of the window was good. */
  let window: boolean[] = [];
  let way: string | undefined;
  let ended: string | null = null;
  let passes: string | null = null;
  for (const stored of events) {
    const event = recorded<TaskEvent>(stored);
    const policy = monitors.get(envelopeOf(stored).policyDigest ?? '');
    const wrong = noting(violations, 'I43', stored);
    switch (event.type) {
      case 'TaskLanded':
        landed = true;
        break;
      case 'MonitorPolled': {
        const { poll, ok, claim, run, asked } = event.data;
        if (way !== undefined && asked !== way) window = [];
        way = asked;
        if (!landed || stage !== 'monitoring') wrong(`nothing is watched at ${stage}`);
        if (ended) wrong(`the window has ended ${ended}, and nobody has asked anew`);
        if (claims.has(claim)) wrong(`claim ${claim} has brought a poll before`);
        if (poll !== window.length + 1) wrong(`is number ${poll} behind ${window.length} polls`);
        if (ok && run && run.exitCode !== 0) wrong(`is good, and its command ended with ${run.exitCode}`);
        claims.add(claim);
        window.push(ok);
        break;
      }
      case 'MonitorFinished': {
        const { status } = event.data;
        if (!policy) wrong('no monitor is configured');
        else if (status !== expected(window, policy)) wrong(`${status} after [${window.join()}]`);
        ended = status;
        break;
      }
      case 'GateEvaluated':
        if (event.data.gate === 'check_monitor_healthy')
          passes = event.data.result === 'pass' && event.data.reason !== 'overridden' ? 'polls' : event.data.result;
        break;
      case 'StageAdvanced':
        if (event.data.from === 'monitoring') {
          if (passes === 'polls' && ended !== 'HEALTHY')
            wrong(`is done by polls, and the window is ${ended ?? 'open'}`);
          if (passes === 'not-configured' && policy) wrong('is done as if nothing watched it');
          if (passes === 'fail' || passes === null) wrong('no answer of the gate lets it through');
        }
        stage = event.data.to;
        break;
      case 'VerdictVoided':
        if (event.data.stage === 'monitoring') [window, ended, passes] = [[], null, null];
        break;
      default:
    }
  }
  return violations;
}

/** @returns null for a window that is not over. */
function expected(window: readonly boolean[], { everyMs, forMs, failures }: MonitorPolicy): string | null {
  const last = window.slice(-failures);
  if (last.length === failures && last.every((ok) => !ok)) return 'DEGRADED';
  return window.length * everyMs >= forMs && window.at(-1) === true ? 'HEALTHY' : null;
}
