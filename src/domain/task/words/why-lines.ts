import { ruleText } from '../../failures/by-rule';
import { plainText } from '../../staging/plain-text';
import { emptyFolderWords } from './folder-words';
import { causeOf, isWorthCounting } from './failure-words';
import { BY_COMMAND, remedyText, type Remedy } from './remedies';
import type { Failure } from '../task.state';

/** A label and what belongs to it; what somebody else said has a line for each of its own. */
export type LabelledLine = readonly [label: string, text: string];

/** Quoted lines of what was seen: enough to know what to look for, not so many that they hide the rest. */
const QUOTED_LINES = 12;

/** What is known of a failure, label by label. Alerts, artifacts and `why` say it with these. */
export function failureLines(failure: Failure): readonly LabelledLine[] {
  const { program, exitCode, tries, reason, runId } = failure;
  const isNamed = failure.class === reason || failure.class === 'landing-lost' || failure.class === 'crash';
  return [
    ['cause', oneLine(causeOf(failure))],
    ['class', isNamed ? failure.class : `${failure.class} (${oneLine(reason)})`],
    ...optional('rule', ruleText(failure)),
    ...optional('program', program),
    ...optional('exit', exitCode),
    ...optional('tries', isWorthCounting(failure) ? tries : null),
    ...emptyFolderWords(failure.emptyFolders).map((words): LabelledLine => ['empty', oneLine(words)]),
    ...optional('log', runId === null ? null : `stagegate log ${runId}`),
  ];
}

/** What was seen or said, one line for one line, so that nothing of it can pass for ours. */
export function quotedLines({ evidence }: Pick<Failure, 'evidence'>): readonly LabelledLine[] {
  const lines = evidence.flatMap((text) => plainText(text).split('\n')).filter((line) => line.trim() !== '');
  return lines.slice(0, QUOTED_LINES).map((line) => ['seen', `> ${line}`]);
}

/** The detail of an alert. */
export function detailText(given: { text: string; failure: Failure | null; remedy: Remedy | null }): string {
  const { text, failure, remedy } = given;
  const lines: readonly LabelledLine[] = [
    ...(failure ? failureLines(failure) : [['cause', oneLine(text)] as const]),
    ...optional('do', remedy && remedyText(remedy, BY_COMMAND)),
    ...(failure ? quotedLines(failure) : []),
  ];
  return labelledLines(lines).join('\n');
}

/** Columns for a terminal: every label as wide as the widest. */
export function labelledLines(lines: readonly LabelledLine[]): readonly string[] {
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, text]) => `${label.padEnd(width)}  ${text}`);
}

export function optional(label: string, value: string | number | null): readonly LabelledLine[] {
  return value === null ? [] : [[label, oneLine(String(value))]];
}

/** Reasons and names come from people and repositories: none may begin a line that looks like one of ours. */
export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim();
}
