import type { SubmittedTask } from '../task/task.state';
import { evidenceFor } from './subject';

/** The task whose landing contains this one's, if the job has found one. */
export function newerLanding(task: SubmittedTask): string | null {
  const newer = evidenceFor(task, 'check_deploy_status')?.data['newer'];
  return typeof newer === 'string' ? newer : null;
}
