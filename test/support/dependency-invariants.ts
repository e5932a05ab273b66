import type { StoredEvent } from '../../src/application/ports/event-store';
import type { TaskEvent } from '../../src/domain/task/task.events';
import { recorded } from './recorded';
import { noting, type Violation } from './violation';

/** How tasks have ended, by their ids, as the log tells it. */
export type Ends = ReadonlyMap<string, 'landed' | 'lost'>;

/** What a task that depends on others still waits for. */
interface Waiting {
  readonly open: Set<string>;
  /** Ended without landing: a person has to let the task go on. */
  isHeld: boolean;
}

/** I34: nothing is claimed at deploy-staging before what the task depends on has landed, in the order of the whole log. */
export function checkDependencies(log: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  const ends = new Map<string, 'landed' | 'lost'>();
  const tasks = new Map<string, Waiting>();
  for (const stored of log.filter(({ stream }) => stream.startsWith('task-'))) {
    const id = stored.stream.slice('task-'.length);
    const event = recorded<TaskEvent>(stored);
    const wrong = noting(violations, 'I34', stored);
    take(event, id, ends);
    const waiting = tasks.get(id);
    switch (event.type) {
      case 'TaskSubmitted':
        if (event.data.dependsOn) tasks.set(id, { open: new Set(event.data.dependsOn), isHeld: false });
        break;
      case 'DependencyEnded': {
        const { taskId, end } = event.data;
        if (!waiting?.open.delete(taskId)) wrong(`does not wait for ${taskId}`);
        if ((end === 'landed') !== (ends.get(taskId) === 'landed')) wrong(`${taskId} is ${ends.get(taskId) ?? 'open'}`);
        if (waiting && end !== 'landed') waiting.isHeld = true;
        break;
      }
      case 'TaskReleased':
        if (waiting) waiting.isHeld = false;
        break;
      case 'TransitionClaimed':
        if (event.data.stage !== 'deploy-staging' || !waiting) break;
        if (waiting.open.size > 0) wrong(`waits for ${[...waiting.open].join()}`);
        if (waiting.isHeld) wrong('what it depends on never lands, and nobody has released it');
        break;
      default:
        break;
    }
  }
  return violations;
}

export function endsIn(log: readonly StoredEvent[]): Ends {
  const ends = new Map<string, 'landed' | 'lost'>();
  for (const stored of log.filter(({ stream }) => stream.startsWith('task-')))
    take(recorded<TaskEvent>(stored), stored.stream.slice('task-'.length), ends);
  return ends;
}

function take(event: TaskEvent, id: string, ends: Map<string, 'landed' | 'lost'>): void {
  if (event.type === 'TaskLanded' || (event.type === 'StageAdvanced' && event.data.to === 'done'))
    ends.set(id, 'landed');
  if (event.type === 'TaskCancelled' || event.type === 'TaskRejected') ends.set(id, 'lost');
}
