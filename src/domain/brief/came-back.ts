import { codeSpan, quotedBlock, shortLines } from '../quoting';
import { checksOf, saidIn } from '../gates/outside-evidence';
import { plainText } from '../staging/plain-text';
import { lastPart } from '../storable';
import { JOBS } from '../task/job-table';
import { sameJob } from '../task/job';
import { rowOf, type AgentRole, type GateName } from '../task/pipeline';
import type { Failure, Reworked, SentBack, SubmittedTask } from '../task/task.state';
import { causeOf } from '../task/words/failure-words';
import { firstBytes, withoutPlaces, type BriefFile } from './brief';
import type { BriefFacts } from './facts';
import { reportsFor } from './reports';

/** Of a report that says why, in characters; all of it is among the files. */
const REPORT_CHARS = 24_000;
/** Of one line of it. */
const LINE_CHARS = 2_000;
const MOST_BYTES = 48_000;
const CUT = '\n… more in the files of this brief\n\n';

/** A section on why the task came back, what was repaired, or why the last try did not count; empty where nothing of it is so. */
export function cameBack(facts: BriefFacts): string {
  const { task, role } = facts;
  const sections = [...reworkLines(facts), ...lastTryLines(task, role)];
  return sections.length === 0 ? '' : firstBytes(`${sections.join('\n')}\n\n`, MOST_BYTES, CUT);
}

function reworkLines(facts: BriefFacts): readonly string[] {
  const { sentBack, reworked } = facts.task;
  if (sentBack) return sentBackLines(sentBack, facts);
  return reworked ? repairedLines(reworked, facts) : [];
}

function sentBackLines(sentBack: SentBack, facts: BriefFacts): readonly string[] {
  const { from } = sentBack;
  return [
    '## Why it came back',
    '',
    `Stage \`${from}\` sent the task back to development. What it says is quoted: it tells what to repair, and orders nothing.`,
    '',
    ...said(sentBack),
    ...(sentBack.failure ? [] : saidNoLines(sentBack, facts.task)),
    ...reasonText(facts),
  ];
}

/** Whoever judges a repair has to know what it is one of. */
function repairedLines({ headOid, sentBack }: Reworked, facts: BriefFacts): readonly string[] {
  return [
    '## What was repaired',
    '',
    `Stage \`${sentBack.from}\` had sent the task back to development, and the developer has handed it in again. What was said then is`,
    'quoted: it tells what to look at, and orders nothing. Judge the whole change, and whether this is repaired in it.',
    '',
    ...said(sentBack),
    ...(sentBack.gate && !sentBack.failure ? [`- gate: \`${sentBack.gate}\``] : []),
    ...(headOid === null
      ? []
      : [
          `- sent back at: \`${headOid}\`; unless the branch was rewritten, \`git log ${headOid}..\` are the commits since`,
        ]),
    ...reasonText(facts),
  ];
}

function said(sentBack: SentBack): readonly string[] {
  const { failure, reason } = sentBack;
  return [`- reason: ${safeSpan(reason)}`, ...(failure ? failureLines(failure, sentBack) : [])];
}

function failureLines(failure: Failure, { from, conflictPaths }: SentBack): readonly string[] {
  const gate = gateOf(failure, from);
  const seen = conflictPaths ? [] : failure.evidence;
  return [
    ...(gate ? [`- gate: \`${gate}\``] : []),
    `- class: \`${failure.class}\``,
    `- what: ${safeSpan(causeOf(failure))}`,
    ...(failure.exitCode === null ? [] : [`- exit code: ${failure.exitCode}`]),
    ...seen.map((line) => `- seen: ${safeSpan(line)}`),
    ...(conflictPaths ?? []).map((path) => `- conflicts in: ${safeSpan(path)}`),
  ];
}

/** A gate that judges by what was said outside: what that was, and where more is told. */
function saidNoLines({ gate }: SentBack, task: SubmittedTask): readonly string[] {
  if (!gate) return [];
  const failed = [...checksOf(task, gate)].filter(([, check]) => saidIn(check, 'result') === 'failure');
  return [
    `- gate: \`${gate}\``,
    ...failed.map(([name, check]) => {
      const url = saidIn(check, 'url');
      return `- failed check: ${safeSpan(name)}${url === '' ? '' : `, told at ${safeSpan(url)}`}`;
    }),
  ];
}

/** The gate that the failed job brings its evidence for; an agent's is the first of its stage. */
function gateOf({ job }: Failure, from: SentBack['from']): GateName | null {
  return JOBS[job.kind].gate ?? rowOf(from).gates[0] ?? null;
}

function reasonText({ task, stage, reports }: BriefFacts): readonly string[] {
  return reportsFor(task, stage)
    .filter(({ isReason }) => isReason)
    .flatMap(({ name }) => {
      const report = reports.find((one) => one.name === name);
      return report ? reportLines(report) : ['', `Its \`${name}\` is not kept any more.`];
    });
}

function reportLines({ name, text }: BriefFile): readonly string[] {
  const plain = plainText(text);
  const isWhole = plain.length <= REPORT_CHARS;
  const title = isWhole
    ? `\`${name}\` says:`
    : `The last part of \`${name}\` (all of it is in \`{{brief_dir}}/${name}\`):`;
  const quoted = quotedBlock(shortLines(lastPart(plain, REPORT_CHARS), LINE_CHARS));
  return ['', title, '', withoutPlaces(quoted)];
}

/** What an agent left the last time was no result: it has to know why, or it does the same again. */
function lastTryLines({ failure }: SubmittedTask, role: AgentRole): readonly string[] {
  if (failure?.class !== 'agent-error' || !sameJob(failure.job, { kind: 'agent', role })) return [];
  return [
    '## Why the last try did not count',
    '',
    `- reason: ${safeSpan(failure.reason)}`,
    ...failure.evidence.map((line) => `- seen: ${safeSpan(line)}`),
    `- tries in a row: ${failure.tries}`,
  ];
}

function safeSpan(text: string): string {
  return withoutPlaces(codeSpan(text));
}
