import type { TaskId } from '../ids';
import type { HoldReason } from '../task/task.events';

/** What an alert is about, each with a section of its own in docs/alerts.md. Nobody is told of what a person has held. */
export type AlertKind = Exclude<HoldReason, 'person'> | 'sent-back' | 'lane-paused';

const KINDS: Readonly<Record<AlertKind, true>> = {
  'infra-exhausted': true,
  'crash-exhausted': true,
  'developer-retries-exhausted': true,
  'agent-retries-exhausted': true,
  'landing-attempts-exhausted': true,
  'no-progress': true,
  'not-executed': true,
  inconclusive: true,
  gate: true,
  dependency: true,
  forgery: true,
  unclassified: true,
  'sent-back': true,
  'lane-paused': true,
};
export const ALERT_KINDS = Object.keys(KINDS) as readonly AlertKind[];

const SENT_BACK = 'was sent back by infrastructure: nothing is known about its commit';
const HELD = 'needs a person: ';
const PAUSED = 'is paused';

export function heldTitle(task: TaskId, reason: HoldReason): string {
  return `Task ${task} ${HELD}${reason}`;
}

export function sentBackTitle(task: TaskId): string {
  return `Task ${task} ${SENT_BACK}`;
}

export function lanePausedTitle(project: string): string {
  return `the lane of ${project} ${PAUSED}`;
}

/** By its title, which every log has. @returns null for what is no alert of ours. */
export function kindOf(title: string): AlertKind | null {
  if (title.startsWith('the lane of ') && title.endsWith(` ${PAUSED}`)) return 'lane-paused';
  if (title.endsWith(` ${SENT_BACK}`)) return 'sent-back';
  const [, reason] = title.split(` ${HELD}`);
  return ALERT_KINDS.find((kind) => kind === reason) ?? null;
}

/** Where it stands what to do about it, in the documentation that comes with the program. */
export function runbookOf(title: string): string | null {
  const kind = kindOf(title);
  return kind && `docs/alerts.md#${kind}`;
}
