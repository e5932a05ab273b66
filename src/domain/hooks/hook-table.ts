import type { HookSource } from './hook-sources';

/**
 * What a delivery is taken for. `look`: the branches of the project's tasks are looked at now and not at the next poll. `evidence`: how a
 * check of a commit went, where it says so of a check that the project requires; otherwise it is `look`.
 */
export type HookMeaning = 'look' | 'evidence';

export interface HookRow {
  readonly source: HookSource;
  /** As the source calls it: in its header, and for `generic` in `type` of the body. */
  readonly event: string;
  readonly meaning: HookMeaning;
  /** What of it is read, for people. */
  readonly reads: string;
  /** Where the same is found when it gets lost. */
  readonly otherwise: HookOtherwise;
}

/**
 * `poll`: the branches of open tasks are looked at anyway. `nothing`: no branch, and so no task, stands otherwise for what it says. `brought`: nobody asks the
 * source for results; somebody brings them.
 */
export type HookOtherwise = 'poll' | 'nothing' | 'brought';

const NOTHING = 'nothing';

/** Every event that means anything here; all others are acknowledged, and change nothing. */
export const HOOK_TABLE: readonly HookRow[] = Object.freeze([
  look('github', 'push'),
  look('github', 'pull_request'),
  hint('github', 'pull_request_review'),
  hint('github', 'check_suite'),
  hint('github', 'workflow_run'),
  hint('github', 'issues'),
  evidence(
    'github',
    'check_run',
    '`check_run`: `name`, `conclusion`, `head_sha`, `html_url`, when `status` is `completed`',
  ),
  evidence('github', 'status', '`context`, `state` but `pending`, `sha`, `target_url`'),
  look('gitea', 'push'),
  look('gitea', 'pull_request'),
  hint('gitea', 'pull_request_approved'),
  hint('gitea', 'pull_request_rejected'),
  hint('gitea', 'workflow_run'),
  hint('gitea', 'issues'),
  evidence('gitea', 'status', '`context`, `state` but `pending`, `sha`, `target_url`'),
  hint('plane', 'issue'),
  hint('plane', 'workitem.created'),
  hint('plane', 'workitem.updated'),
  hint('plane', 'workitem.deleted'),
  look('generic', 'push'),
  hint('generic', 'issue'),
  evidence('generic', 'check', '`data`: `name`, `result`, `headOid`, `url`'),
]);

/** @returns null for what is acknowledged and nothing else. */
export function hookRow(source: HookSource, event: string): HookRow | null {
  return HOOK_TABLE.find((row) => row.source === source && row.event === event) ?? null;
}

function look(source: HookSource, event: string): HookRow {
  return { source, event, meaning: 'look', reads: NOTHING, otherwise: 'poll' };
}

/** It says nothing of a branch, or nothing that any rule asks for; a look costs little, and may find what else has come. */
function hint(source: HookSource, event: string): HookRow {
  return { source, event, meaning: 'look', reads: NOTHING, otherwise: 'nothing' };
}

function evidence(source: HookSource, event: string, reads: string): HookRow {
  return { source, event, meaning: 'evidence', reads, otherwise: 'brought' };
}
