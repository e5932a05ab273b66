import type { TaskCommandData } from '../task.commands';
import { accept, nothing, type Decision } from './decision';
import type { Draft } from './draft';

/**
 * What a suite that ran beside an agent came to. Not fenced: it is true whoever has the task by now, and nothing follows
 * from it.
 */
export function recordShadow(draft: Draft, data: TaskCommandData['RecordShadowSuite']): Decision {
  if (draft.task.shadows[data.stage]?.runId === data.runId) return nothing();
  draft.add({ type: 'ShadowSuiteFinished', data });
  return accept(draft.events);
}
