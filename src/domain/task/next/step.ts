import type { TaskId } from '../../ids';
import type { Instant } from '../../instant';
import type { Job } from '../job';
import type { TaskCommand } from '../task.commands';
import type { Failure } from '../task.state';
import type { Remedy } from '../words/remedies';

/** Who has to move next. */
export type NextActor = 'person' | 'agent' | 'runner' | 'queue' | 'outside' | 'nobody';

/** Why a task stands where it stands; shown as it is. */
export interface Why {
  readonly code: string;
  readonly text: string;
  readonly actor: NextActor;
  readonly since: Instant;
  /** What it waits for, where that has a name: a task, a worker, a branch. */
  readonly blockedBy: string | null;
  /** The failure behind it, if there is one; `text` says the same in a line. */
  readonly failure: Failure | null;
  /** What a person can do, where one has to. */
  readonly remedy: Remedy | null;
}

export type Step =
  | { readonly kind: 'run'; readonly job: Job; readonly why: Why }
  | { readonly kind: 'decide'; readonly command: TaskCommand; readonly why: Why }
  /** `on`: other tasks, whose end is what it waits for. */
  | { readonly kind: 'wait'; readonly until: Instant | null; readonly why: Why; readonly on?: readonly TaskId[] }
  /** `offer`: what an outside worker may take. `hasLanded`: nobody can cancel it any more. */
  | { readonly kind: 'await'; readonly why: Why; readonly offer?: Job; readonly hasLanded?: true }
  | { readonly kind: 'finished'; readonly why: Why };

export function why(
  code: string,
  text: string,
  actor: NextActor,
  since: Instant,
  blockedBy: string | null = null,
): Why {
  return { code, text, actor, since, blockedBy, failure: null, remedy: null };
}
