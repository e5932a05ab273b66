import type { Oid, TaskId } from '../../ids';
import { codeSpan, quotedBlock, shortLines } from '../../quoting';
import { commitFacts, saidBy, SHORT_OID } from './revert-evidence';
import type { RevertAnswer } from './silent-reverts';
import type { Undone } from './undone';

/** More than anybody repairs at once. */
const MOST_SHOWN = 100;
const MOST_COMMITS = 20;
const MOST_LINES = 60;
const LINE_CHARS = 300;
const WORDS_CHARS = 1_500;

/** What a change takes back, for whoever has to repair it. The same data gives the same bytes. */
export function renderReverts(
  { task, newOid, baseOid }: { readonly task: TaskId; readonly newOid: Oid; readonly baseOid: Oid },
  answer: RevertAnswer,
): string {
  const { silent } = answer;
  const left = silent.length - MOST_SHOWN;
  const commits = [...new Set(silent.flatMap((one) => one.commits))];
  const lines = [
    `# What ${task} takes back`,
    '',
    `- commit: ${newOid}, the branch on top of main's ${baseOid}`,
    "- it has landed, and is gone with this change, which does not say so. A branch that was cut from an older main and then put on top of main's newest commit does that.",
    '',
    '## To repair',
    '',
    ...silent.slice(0, MOST_SHOWN).flatMap((one) => itemLines(one, baseOid)),
    ...(left > 0 ? [`- and ${left} more`, ''] : []),
    '## Whose work it is',
    '',
    ...commits.slice(0, MOST_COMMITS).flatMap((oid) => wordsOf(oid, answer)),
    '## If it is meant',
    '',
    `Say so: \`git revert ${commits[0] ?? '<commit>'}\` as a commit of its own, or a line \`This reverts commit ${commits[0] ?? '<commit>'}.\` in the message of`,
    'the commit that does it, one for each commit above.',
  ];
  return `${lines.join('\n')}\n`;
}

function itemLines({ path, mainPath, rule, commits, lines }: Undone, baseOid: Oid): readonly string[] {
  const named = commits.map((oid) => oid.slice(0, SHORT_OID)).slice(0, MOST_COMMITS);
  const left = lines.length - MOST_LINES;
  return [
    `- ${codeSpan(path)}${path === mainPath ? '' : ` (${codeSpan(mainPath)} on main)`} ${saidBy(rule)}: ${named.join(', ')}. See \`git diff ${baseOid} -- <file>\`; what main has of it comes back by`,
    `  \`git checkout ${baseOid} -- <file>\`, with your own edits made again on top of that.`,
    ...(lines.length === 0
      ? []
      : [
          '',
          quotedBlock(shortLines(lines.slice(0, MOST_LINES).join('\n'), LINE_CHARS)),
          ...(left > 0 ? [`    … ${left} lines more`] : []),
        ]),
    '',
  ];
}

function wordsOf(oid: Oid, answer: RevertAnswer): readonly string[] {
  const { author, task } = commitFacts(oid, answer);
  const { message = '', at = '' } = answer.landed.find((one) => one.oid === oid) ?? {};
  const by = task === null ? '' : `, task ${task}`;
  const words = message.length > WORDS_CHARS ? `${message.slice(0, WORDS_CHARS)} …` : message;
  return [`- ${oid} by ${codeSpan(author)}, ${at}${by}:`, '', quotedBlock(shortLines(words, LINE_CHARS)), ''];
}
