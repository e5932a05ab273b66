import type { Oid } from '../ids';
import type { GateName } from '../task/pipeline';
import type { Evidence, SubmittedTask } from '../task/task.state';

/** The commit that gates judge: what has landed, before that the candidate, once the head sits on main's commit, before that the head. */
export function subjectOf({ landed, merge, headOid }: Pick<SubmittedTask, 'landed' | 'merge' | 'headOid'>): Oid | null {
  if (landed) return landed.newOid;
  return merge?.headOid === headOid && merge.newOid ? merge.newOid : headOid;
}

/** @returns what a gate judges by; null while there is nothing about the very commit that is to be judged. */
export function evidenceFor(task: SubmittedTask, gate: GateName): Evidence | null {
  const found = task.evidence[gate];
  return found && found.subjectOid === subjectOf(task) ? found : null;
}
