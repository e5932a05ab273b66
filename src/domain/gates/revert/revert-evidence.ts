import type { Oid } from '../../ids';
import type { JsonObject } from '../../json';
import { plainLine } from '../../staging/plain-text';
import type { LandedCommit } from './landed-changes';
import { REVERT_RULES, type RevertRuleId } from './revert-rules';
import type { RevertAnswer } from './silent-reverts';
import type { Undone } from './undone';

/** What an event names; all of it is among the artifacts. */
const MOST_FOUND = 20;
const MOST_COMMITS = 5;
const MOST_LINES = 6;
/** Files that an event names: a waiver needs all of them. */
const MOST_PATHS = 50;
const LINE_CHARS = 160;
const NAME_CHARS = 200;
/** Enough to find it, and what people call a commit by. */
export const SHORT_OID = 10;

/** What the event keeps of it: bounded, and counted where it is cut. */
export function revertFacts(answer: RevertAnswer): JsonObject {
  const { silent, explicit, made, scope } = answer;
  const paths = [...new Set(silent.map(({ path }) => path))];
  return {
    explicit: explicit.slice(0, MOST_FOUND).map(({ commit, by }) => ({ by, ...commitFacts(commit, answer) })),
    found: silent.slice(0, MOST_FOUND).map((one) => ({
      commits: one.commits.slice(0, MOST_COMMITS).map((oid) => commitFacts(oid, answer)),
      commitCount: one.commits.length,
      lineCount: one.lines.length,
      lines: one.lines.slice(0, MOST_LINES).map((line) => plainLine(line, LINE_CHARS)),
      path: one.path,
      rule: one.rule,
    })),
    made: made.length,
    pathCount: paths.length,
    paths: paths.slice(0, MOST_PATHS),
    rules: Object.fromEntries(REVERT_RULES.map(({ id, version }) => [id, version])),
    scope: { ...scope },
    silent: silent.length,
    ...(silent.length > 0 ? { says: saysOf(answer) } : {}),
  };
}

/** `silent revert of 1a2b3c4d5e "Fix the cache" in src/a.js, and of more in 2 other files` */
function saysOf(answer: RevertAnswer): string {
  const [first] = answer.silent;
  if (!first) return 'no silent revert';
  const others = new Set(answer.silent.map(({ path }) => path)).size - 1;
  const rest = others === 0 ? '' : `, and in ${others} more ${others === 1 ? 'file' : 'files'}`;
  return plainLine(`silent revert of ${commitsText(first, answer)} in ${first.path}${rest}`, LINE_CHARS + NAME_CHARS);
}

/** `src/a.js has lost lines that have landed: 1a2b3c4d5e "Fix the cache" by Ann (web.WEB-1)` */
export function revertLine(one: Undone, answer: RevertAnswer): string {
  return plainLine(`${one.path}: ${saidBy(one.rule)}: ${commitsText(one, answer)}`, LINE_CHARS + NAME_CHARS);
}

export function saidBy(rule: RevertRuleId): string {
  return REVERT_RULES.find(({ id }) => id === rule)?.says ?? rule;
}

function commitsText({ commits }: Undone, answer: RevertAnswer): string {
  const [first = ''] = commits;
  const { author, subject, task } = commitFacts(first, answer);
  const by = task === null ? author : `${author}, ${task}`;
  const more = commits.length > 1 ? ` and ${commits.length - 1} more` : '';
  return `${first.slice(0, SHORT_OID)} "${subject}" by ${by}${more}`;
}

export interface CommitFacts extends JsonObject {
  readonly author: string;
  readonly oid: Oid;
  readonly subject: string;
  readonly task: string | null;
}

export function commitFacts(oid: Oid, { landed, tasks }: RevertAnswer): CommitFacts {
  const { author = '', message = '' }: Partial<LandedCommit> = landed.find((one) => one.oid === oid) ?? {};
  const [subject = ''] = message.split('\n');
  return {
    author: plainLine(author, NAME_CHARS),
    oid,
    subject: plainLine(subject, NAME_CHARS),
    task: tasks.get(oid) ?? null,
  };
}
