import type { Oid, TaskId } from '../../ids';
import { codeSpan, quotedBlock, quotedEnd } from '../../quoting';
import { durationMs, judgeLine, type JudgeOutcome } from './judge-evidence';
import type { Owners } from './owners';

/** Name of the page among the artifacts of its task. */
export const JUDGE_ARTIFACT = '15-judge-report.md';

/** Files that are listed, and how much of each output: what a person reads in one go. */
const MOST_LISTED = 500;
const OUTPUT_CHARS = 20_000;
const REVIEW_CHARS = 10_000;

export interface JudgePage {
  readonly task: TaskId;
  readonly newOid: Oid;
  readonly baseOid: Oid;
  readonly outcome: JudgeOutcome;
  readonly owners: Owners;
  /** The artifact of the run that was green with the tests of the branch; null where none is kept. */
  readonly ownRun: string | null;
  /** What the reviewer wrote; null where nobody did. */
  readonly review: string | null;
}

/** Both outputs one below the other, for the person who decides. The same data gives the same bytes. */
export function renderJudge({ task, newOid, baseOid, outcome, owners, ownRun, review }: JudgePage): string {
  const { files, trial, protected: held } = outcome;
  const weighing = files.filter(({ weighs }) => weighs);
  const lines = [
    `# What judges ${task}`,
    '',
    `- commit: ${newOid}, the branch on top of main's ${baseOid}`,
    `- with the tests of the branch: green`,
    ...(trial
      ? [
          `- with main's tests: ${trialWords(outcome)}`,
          `- tree of the second run: ${trial.treeOid}`,
          `- cost: ${durationMs(trial)} ms in ${trial.runs.length} ${trial.runs.length === 1 ? 'run' : 'runs'}${trial.isKnown ? ', known from before' : ''}`,
        ]
      : []),
    ...(held.length > 0 ? [`- protected: ${held.slice(0, MOST_LISTED).map(codeSpan).join(', ')}`] : []),
    '',
    '## Changed of what judges',
    '',
    ...weighing.slice(0, MOST_LISTED).map((file) => `- ${codeSpan(judgeLine(file, owners))}`),
    ...(weighing.length > MOST_LISTED ? [`- and ${weighing.length - MOST_LISTED} more`] : []),
    ...(trial?.runs ?? []).flatMap(({ runId, exitCode, tail }, at) => [
      '',
      `## Output with main's tests${at === 0 ? '' : ', once more'}, last part`,
      '',
      `- run: ${codeSpan(runId)}, exit code ${exitCode}`,
      '',
      quotedEnd(tail, OUTPUT_CHARS),
    ]),
    '',
    '## Output with the tests of the branch, last part',
    '',
    ownRun === null ? 'It is not kept any more.' : quotedEnd(ownRun, OUTPUT_CHARS),
    '',
    '## What the reviewer wrote',
    '',
    review === null ? 'Nobody has reviewed the change.' : quotedBlock(review.slice(0, REVIEW_CHARS)),
    '',
    'It decides nothing here: the task goes on when a person lets the gate pass on record.',
  ];
  return `${lines.join('\n')}\n`;
}

function trialWords({ finding, trial }: JudgeOutcome): string {
  if (finding === 'green') return 'green';
  if (finding === 'unproven')
    return `nothing is known: ${trial?.runs.find(({ doubt }) => doubt !== null)?.doubt ?? ''}`;
  return finding === 'contradictory' ? 'red, and green once more' : 'red';
}
