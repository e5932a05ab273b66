import { forgetInfra } from '../budgets/spending';
import type { TaskEventData } from '../task.events';
import type { SubmittedTask } from '../task.state';
import type { Change } from './stage-changes';

/** How far it got is asked about only where nothing says how it ended. */
export function deployFinished(task: SubmittedTask, { status }: TaskEventData['DeployFinished']): Change {
  switch (status) {
    case 'INTERRUPTED':
      return { claim: null };
    case 'NOT_STARTED':
      return { deployBegun: null };
    default:
      return { deployBegun: null, lockBusySince: null, spent: forgetInfra(task.spent, { kind: 'deploy' }) };
  }
}
