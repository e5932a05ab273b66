import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { quoted } from '../application/secrets';
import { explain, type ExplainedFinding } from '../domain/failures/classify';
import { ruleText } from '../domain/failures/by-rule';
import { FAILURE_STEPS, type FailureSignal, type FailureStep } from '../domain/failures/failure-signal';
import { CLASS_EFFECTS } from '../domain/merge/failure-class';
import { labelledLines, oneLine, type LabelledLine } from '../domain/task/words/why-lines';
import { wordsOf } from '../domain/within-sentence';
import { loadServiceConfig } from '../infrastructure/config/service-config';
import { judgeRun } from '../infrastructure/processes/judge-run';
import { OutputCapture } from '../infrastructure/processes/output/output-capture';
import { DEFAULT_CAPTURE_BYTES } from '../infrastructure/processes/output/run-output';
import type { Output } from './output';
import { UserError } from './user-error';

export interface ClassifyFlags {
  readonly exit?: string;
  readonly signal?: string;
  readonly tool?: string;
  readonly step: string;
  readonly oom?: boolean;
}

const STDIN = '-';
/** Of a signal: what a shell makes of it. */
const SIGNALLED = 128;

/** Says which rule decides about a run that did not end green, and why. @param log a file, or `-` for stdin. */
export async function classifyLog(log: string, flags: ClassifyFlags, output: Output): Promise<void> {
  // It needs none of it; but a variable that is misspelt is refused whatever the verb.
  loadServiceConfig();
  const facts = factsOf(flags);
  const text = await textOf(log);
  const explained = explain({ ...facts, output: [text] });
  if (output.isJson) output.json(jsonOf(explained));
  else for (const line of labelledLines(linesOf(explained))) output.line(line);
}

/** The signal without its output: what the process runner would have said of such an end. */
function factsOf({ exit, signal, tool, step: asked, oom }: ClassifyFlags): FailureSignal {
  const step = FAILURE_STEPS.find((name) => name === asked);
  if (!step || step === 'service') throw new UserError(`--step: expected suite or setup, saw ${quoted(asked)}`);
  if (exit !== undefined && signal !== undefined)
    throw new UserError('expected one of --exit and --signal, saw both; leave one out');
  const exitCode = signal === undefined ? exitCodeOf(exit ?? '1') : SIGNALLED + numberOf(signal);
  return { ...endedWith(exitCode, step, oom === true), command: tool ?? null };
}

function endedWith(exitCode: number, step: FailureStep, isOomKilled: boolean): Omit<FailureSignal, 'command'> {
  const ended = judgeRun({
    handshake: { kind: 'exited', exitCode, cpu: null, left: 0 },
    killedFor: null,
    exitCode,
    signal: null,
    complaint: '',
    toolErrorExitCodes: [126, 127],
    witnessFault: null,
    isStarved: false,
    isOomKilled,
    measured: [],
  });
  return { step, reason: ended.kind === 'executed' ? null : ended.reason, exitCode, isOomKilled, output: [] };
}

function exitCodeOf(text: string): number {
  const code = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (code >= 1 && code <= 255) return code;
  const hint = code === 0 ? '; a run that ended with 0 is green' : '';
  throw new UserError(`--exit: expected a whole number from 1 to 255, saw ${quoted(text)}${hint}`);
}

function numberOf(name: string): number {
  const number = Object.entries(constants.signals).find(([known]) => known === name)?.[1];
  if (number === undefined) throw new UserError(`--signal: expected a name like SIGKILL, saw ${quoted(name)}`);
  return number;
}

/** The first and the last part, as the process runner keeps them. */
async function textOf(log: string): Promise<string> {
  const capture = new OutputCapture(DEFAULT_CAPTURE_BYTES, DEFAULT_CAPTURE_BYTES);
  try {
    for await (const chunk of log === STDIN ? process.stdin : (await open(log)).createReadStream())
      capture.take(chunk as Buffer);
  } catch (error) {
    const name = log === STDIN ? 'stdin' : quoted(log);
    throw new UserError(`classify: expected a log to read, saw none in ${name}: ${wordsOf(error)}`);
  }
  const { head, tail, truncated } = capture.result();
  const decoder = new TextDecoder('utf-8');
  return decoder.decode(head) + (truncated ? '\n[…]\n' : '') + decoder.decode(tail);
}

function linesOf({ finding, rule, runnersUp }: ExplainedFinding): readonly LabelledLine[] {
  const { effect, budget } = CLASS_EFFECTS[finding.class];
  return [
    ['class', finding.class === finding.reason ? finding.class : `${finding.class} (${finding.reason})`],
    ['rule', ruleText(finding) ?? ''],
    ['why', rule.why],
    ['effect', budget === 'none' ? effect : `${effect}, budget ${budget}`],
    ...finding.evidence.map((line): LabelledLine => ['seen', `> ${oneLine(line)}`]),
    ...(rule.source === undefined ? [] : [['source', rule.source] as const]),
    ...runnersUp.map((next): LabelledLine => ['else', `${next.id}, version ${next.version}: ${next.class}`]),
  ];
}

function jsonOf({ finding, rule, runnersUp }: ExplainedFinding): object {
  const { effect, budget } = CLASS_EFFECTS[finding.class];
  const others = runnersUp.map((next) => ({ rule: next.id, ruleVersion: next.version, class: next.class }));
  return {
    ...finding,
    effect,
    budget,
    why: rule.why,
    ...(rule.source ? { source: rule.source } : {}),
    runnersUp: others,
  };
}
