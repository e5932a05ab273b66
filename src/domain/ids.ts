/** Full object id of a commit, tree or blob: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits. */
export type Oid = string;
/** `<project>.<task>`, the only form that leaves the service (REST, CLI, stream names, refs). */
export type TaskId = string;
/** SHA-256, 64 hexadecimal digits. */
export type Digest = string;

const PROJECT_KEY = /^[a-z0-9-]{1,40}$/;
const TASK_KEY = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** These complete "expected …", wherever something of the kind is given. */
export const A_PROJECT_KEY = 'lower-case letters, digits and dashes, at most 40';
export const A_TASK_KEY = 'letters, digits, _ and -, at most 64, beginning with a letter or a digit';
export const A_BRANCH_NAME = 'a plain name (letters, digits and ._/-)';
/** For schemas. */
export const PROJECT_KEY_PATTERN = PROJECT_KEY.source;

export function isProjectKey(text: string): boolean {
  return PROJECT_KEY.test(text);
}

export function isTaskKey(text: string): boolean {
  return TASK_KEY.test(text);
}

export function isOid(text: string): boolean {
  return OID.test(text);
}

export function taskIdOf(project: string, task: string): TaskId {
  return `${project}.${task}`;
}

/** @returns null when `text` is not `<project>.<task>`. A project key holds no dot, so the first dot separates. */
export function parseTaskId(text: string): { project: string; task: string } | null {
  const dot = text.indexOf('.');
  const project = text.slice(0, Math.max(dot, 0));
  const task = text.slice(dot + 1);
  return isProjectKey(project) && isTaskKey(task) ? { project, task } : null;
}

const HEAD_DIGITS = 8;
/** Leaves room in a task key for the head's digits and a counter. */
const SLUG_LENGTH = 48;

/** A task key that people recognise: the branch, the head it was made for, and a number where that is not enough. */
export function taskKeyOf(branch: string, headOid: Oid, count: number): string {
  const slug = branch.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+/, '');
  const key = `${slug.slice(0, SLUG_LENGTH) || 'branch'}-${headOid.slice(0, HEAD_DIGITS)}`;
  return count === 1 ? key : `${key}-${count}`;
}

export const TASK_STREAM_PREFIX = 'task-';
export const LANE_STREAM_PREFIX = 'lane-';
export const POLICY_STREAM_PREFIX = 'policy-';
export const SWITCH_STREAM_PREFIX = 'switches-';
export const SUBSCRIBER_STREAM_PREFIX = 'subscriber-';
export const HOOK_STREAM_PREFIX = 'webhook-';
const ARTIFACT_STREAM_PREFIX = 'artifact-';

/** Who is let in: one stream for the whole log. */
export const ACCESS_STREAM = 'access-tokens';

export function taskStream(id: TaskId): string {
  return TASK_STREAM_PREFIX + id;
}

/** The task whose stream this is. */
export function taskIn(stream: string): TaskId {
  return stream.slice(TASK_STREAM_PREFIX.length);
}

export function laneStream(project: string): string {
  return LANE_STREAM_PREFIX + project;
}

export function artifactStream(digest: Digest): string {
  return ARTIFACT_STREAM_PREFIX + digest;
}

export function policyStream(project: string): string {
  return POLICY_STREAM_PREFIX + project;
}

export function switchStream(project: string): string {
  return SWITCH_STREAM_PREFIX + project;
}

/** One for each delivery: what is there was received. A project's key and a source hold no dot. */
export function hookStream(project: string, source: string, delivery: string): string {
  return `${HOOK_STREAM_PREFIX}${project}.${source}.${delivery}`;
}

/** Subscribers that deliver alerts, each to the sink whose name follows: those of tasks, and those of lanes. */
export const DELIVERY_PREFIXES = ['alerts.', 'lane-alerts.'] as const;

export function subscriberStream(name: string): string {
  return SUBSCRIBER_STREAM_PREFIX + name;
}

const BRANCH_NAME = /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/;
/** Names that git reads as something else than a branch. */
const RESERVED_NAMES: readonly string[] = ['@', 'HEAD'];

/**
 * Allow-list for branch names, stricter than git's own: git accepts `refs/heads/-x` and `$(id)`, both of which are
 * commands in somebody's shell. Mirrors the rules of git-check-ref-format for what the allow-list lets through.
 */
export function isBranchName(name: string): boolean {
  if (!BRANCH_NAME.test(name) || RESERVED_NAMES.includes(name) || name.includes('..')) return false;
  return name.split('/').every((part) => /^[A-Za-z0-9_]/.test(part) && !part.endsWith('.') && !part.endsWith('.lock'));
}

/** Of a task, a lane, a policy or switches; null for what belongs to no project. */
export function projectOfStream(stream: string): string | null {
  for (const prefix of [LANE_STREAM_PREFIX, POLICY_STREAM_PREFIX, SWITCH_STREAM_PREFIX])
    if (stream.startsWith(prefix)) return stream.slice(prefix.length);
  return stream.startsWith(TASK_STREAM_PREFIX) ? (parseTaskId(taskIn(stream))?.project ?? null) : null;
}
