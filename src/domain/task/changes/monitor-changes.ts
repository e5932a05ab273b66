import { forgetCrashes, forgetInfra } from '../budgets/spending';
import { windowAfter } from '../monitor';
import type { TaskEventData } from '../task.events';
import type { SubmittedTask } from '../task.state';
import type { Change } from './stage-changes';

/** Nothing is held between polls: this one has ended its claim. */
export function polled(task: SubmittedTask, data: TaskEventData['MonitorPolled']): Change {
  return {
    claim: null,
    lockBusySince: null,
    monitor: windowAfter(task.monitor, data),
    // A window of hours sees many restarts: each is forgiven by the poll that was made after it.
    spent: forgetCrashes(forgetInfra(task.spent, { kind: 'monitor-poll' }), 'monitoring'),
  };
}
