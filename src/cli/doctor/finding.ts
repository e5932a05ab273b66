import { withoutSecrets } from '../../application/secrets';
import { plainText } from '../../domain/staging/plain-text';
import { isForUser } from '../user-error';
import { withinSentence } from '../../domain/within-sentence';

export type Verdict = 'ok' | 'warn' | 'fail';

/** What one check has found. */
export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  readonly seen: string;
  /** One line each: what was expected, what was seen, what to do. Of something that is ok: what could be better still. */
  readonly fix: readonly string[];
}

export interface Check<Surroundings> {
  readonly name: string;
  readonly look: (at: Surroundings) => Promise<Finding | readonly Finding[]>;
}

/** A check that needs what could not be had; why not is reported by another one. */
export class NotLookedAt extends Error {}

/** Every check comes to a finding: what breaks while it looks is one too. */
export async function runChecks<S>(checks: readonly Check<S>[], at: S): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  // One after the other: together they would measure each other's load.
  for (const { name, look } of checks)
    findings.push(...(await look(at).then(listed, (error: unknown) => [broken(name, error)])));
  return findings.map(plain);
}

export function worst(findings: readonly Finding[]): Verdict {
  if (findings.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return findings.some(({ verdict }) => verdict === 'warn') ? 'warn' : 'ok';
}

export function ok(name: string, seen: string, fix: readonly string[] = []): Finding {
  return { name, verdict: 'ok', seen, fix };
}

export function warn(name: string, seen: string, ...fix: readonly string[]): Finding {
  return { name, verdict: 'warn', seen, fix };
}

export function fail(name: string, seen: string, ...fix: readonly string[]): Finding {
  return { name, verdict: 'fail', seen, fix };
}

/** Parts of it come from repositories and from whoever answers on a port: nothing in them may steer a terminal, or repeat a password. */
function plain(finding: Finding): Finding {
  return { ...finding, seen: oneLine(finding.seen), fix: finding.fix.map(oneLine) };
}

function oneLine(text: string): string {
  return withoutSecrets(plainText(text).replace(/\s+/g, ' '));
}

function listed(found: Finding | readonly Finding[]): readonly Finding[] {
  return 'verdict' in found ? [found] : found;
}

/** What an error that ended a check says of its subject. */
export function broken(name: string, error: unknown): Finding {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof NotLookedAt) return warn(name, 'not looked at', text);
  if (isForUser(error)) return fail(name, 'not usable', text);
  return fail(
    name,
    'the check itself failed',
    `expected an answer, saw ${withinSentence(text)}; correct that, or report it`,
  );
}
