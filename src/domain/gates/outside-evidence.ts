import type { Digest } from '../ids';
import type { JsonObject } from '../json';
import { isObject } from '../shape';
import { storableText } from '../storable';
import type { GateName } from '../task/pipeline';
import { bytesOfText } from '../task/texts';
import type { ArtifactRef } from '../task/task.events';
import type { Evidence, SubmittedTask } from '../task/task.state';

/** Gates that judge by what CI or a person brings; the others judge by verdicts and by jobs of the service. */
export const TAKES_EVIDENCE: readonly GateName[] = ['check_ci_green'];

/** How a check can have ended, in the words of the forges. */
export const CHECK_RESULTS = [
  'success',
  'failure',
  'error',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
  'stale',
  'startup_failure',
] as const;
export type CheckResult = (typeof CHECK_RESULTS)[number];

/** What somebody outside says of one check of a commit. */
export interface Check {
  readonly name: string;
  readonly result: CheckResult;
  readonly url: string | null;
  /** Kept by their content. */
  readonly files: readonly ArtifactRef[];
}

/** The webhook that brought what is said of a check. `digest`: of what was signed. */
export interface CheckDelivery {
  readonly source: string;
  readonly id: string;
  readonly digest: Digest;
}

/** Of one gate and commit. A repository with more has them summed up by its CI. */
export const MOST_CHECKS = 100;
export const MOST_FILES = 10;
/** Of one file, in bytes of UTF-8. */
export const MOST_FILE_BYTES = 512 * 1024;
export const MOST_CHECK_NAME = 100;
const MOST_URL = 1_000;

export const CHECK_NAME_PATTERN = '^[\\p{L}\\p{N}][^\\p{C}\\p{Zl}\\p{Zp}]*$';

/** These complete "expected …". */
export const A_CHECK_NAME = `1 to ${MOST_CHECK_NAME} characters on one line, the first a letter or a digit`;
export const A_RESULT = `one of ${CHECK_RESULTS.join(', ')}`;
export const A_CHECK_URL = `an http or https URL of at most ${MOST_URL} characters, without a password`;
export const A_FILE_NAME =
  'a plain file name: 1 to 100 letters, digits, `.`, `_` and `-`, the first a letter or a digit';

export const A_FILE_TEXT = `at most ${MOST_FILE_BYTES / 1024} KiB of UTF-8, without NUL`;

export function isCheckName(text: string): boolean {
  return (
    storableText(text) === text &&
    Array.from(text).length <= MOST_CHECK_NAME &&
    new RegExp(CHECK_NAME_PATTERN, 'u').test(text)
  );
}

export function isCheckResult(text: string): text is CheckResult {
  return (CHECK_RESULTS as readonly string[]).includes(text);
}

export function isCheckUrl(text: string): boolean {
  return text.length <= MOST_URL && storableText(text) === text && /^https?:\/\/[^\s\p{C}]+$/u.test(text);
}

export function isFileName(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,99}$/.test(text);
}

export function isFileText(text: string): boolean {
  return bytesOfText(text) <= MOST_FILE_BYTES && storableText(text, text.length) === text;
}

/** What is known of the checks of a gate, by their names, each as its event says it. */
export function checksOf(
  { evidence }: Pick<SubmittedTask, 'evidence'>,
  gate: GateName,
): ReadonlyMap<string, JsonObject> {
  return checksIn(evidence[gate] ?? null);
}

/** Digests of the deliveries that were taken for a commit. */
export function deliveriesIn(evidence: Pick<Evidence, 'data'> | null): readonly string[] {
  const known = evidence?.data['deliveries'];
  return Array.isArray(known) ? known.filter((one) => typeof one === 'string') : [];
}

export function checksIn(evidence: Pick<Evidence, 'data'> | null): ReadonlyMap<string, JsonObject> {
  const checks = evidence?.data['checks'];
  const named = isObject(checks) ? Object.entries(checks) : [];
  return new Map(named.flatMap(([name, check]) => (isObject(check) ? [[name, check] as const] : [])));
}

/** True once both success and failure were said of it, for one commit, in whatever order. */
export function isContradicted(check: JsonObject): boolean {
  return check['isContradicted'] === true;
}

/** Whether a result makes what is known of a check contradictory. What CI did not finish says nothing about the commit. */
export function contradicts(before: JsonObject | undefined, result: string): boolean {
  if (!before) return false;
  const seen = [saidIn(before, 'result'), saidIn(before, 'colour'), result];
  return isContradicted(before) || (seen.includes('success') && seen.includes('failure'));
}

/** The colour that was said last; empty while there was none. */
export function colourAfter(before: JsonObject | undefined, result: string): string {
  return result === 'success' || result === 'failure' ? result : before ? saidIn(before, 'colour') : '';
}

/** A member of what was said; empty where it is no text, which only an odd log has. */
export function saidIn(check: JsonObject, member: string): string {
  const value = check[member];
  return typeof value === 'string' ? value : '';
}
