import { evolveSubmitted } from '../evolve';
import type { DecisionContext } from '../task.commands';
import type { TaskEvent } from '../task.events';
import type { SubmittedTask } from '../task.state';

/** A decision in the making: each added event is folded at once, so that the next rule sees its effect. */
export interface Draft {
  readonly context: DecisionContext;
  readonly task: SubmittedTask;
  readonly events: readonly TaskEvent[];
  add(...events: readonly TaskEvent[]): void;
}

export function draftOf(start: SubmittedTask, context: DecisionContext): Draft {
  const events: TaskEvent[] = [];
  const when = { at: context.at, policyDigest: context.policyDigest };
  let task = start;
  return {
    context,
    events,
    get task() {
      return task;
    },
    add(...more) {
      for (const event of more) {
        events.push(event);
        task = evolveSubmitted(task, event, when);
      }
    },
  };
}
