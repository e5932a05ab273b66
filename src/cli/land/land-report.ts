import { join } from 'node:path';
import type { Core } from '../../compose/core';
import type { StoredEvent } from '../../application/ports/event-store';
import { readTaskEvent } from '../../application/read-events';
import { taskStream } from '../../domain/ids';
import type { Step } from '../../domain/task/next/step';
import { BY_LAND } from '../../domain/task/words/remedies';
import { overrideLines } from '../../domain/task/words/override-words';
import type { SubmittedTask } from '../../domain/task/task.state';
import { explain, explanationLines, type Explanation } from '../../domain/task/words/why';
import { labelledLines, oneLine, optional, type LabelledLine } from '../../domain/task/words/why-lines';
import { wordsOf } from '../../domain/within-sentence';
import { changeStat, changeText } from '../../infrastructure/git/rebase/change-stat';
import type { Output } from '../output';
import { shellWord } from '../shell-word';
import { notesIn } from './land-notes';
import { publishing } from './land-upstream';
import { artifactsFor, outcomeOf, reasonOf, type LandResult } from './land-outcome';

/** Where a task of this `land` came to rest. */
export interface Rested {
  readonly task: SubmittedTask;
  readonly step: Step;
  readonly events: readonly StoredEvent[];
}

export async function resultOf(core: Core, repo: string, { task, step, events }: Rested): Promise<LandResult> {
  const seen = events.map(readTaskEvent);
  const why = explain(step, BY_LAND);
  const run = why.failure?.runId ?? lastRun(seen);
  const changed = await changeOf(repo, task);
  const [, key = ''] = taskStream(task.id).split('.');
  const names = artifactsFor(task, artifactsOf(seen));
  return {
    task: task.id,
    outcome: outcomeOf(task),
    stage: task.stage,
    status: why.status,
    why,
    stagingStatus: (task.verdicts['deploy-staging'] ?? lastVerdict(seen))?.status ?? null,
    landedOid: task.landed?.newOid ?? null,
    change: changed.change,
    reason: reasonOf(task),
    run,
    log: run === null ? null : core.logFile(run),
    notes: [...notesIn(seen, run), ...passedBy(task), ...changed.notes],
    next: task.landed && !task.hold ? await nextAfter(core, repo, task) : why.do && withRepo(why.do, repo),
    artifacts: names.map((name) => join(core.artifactDir(task.project, key), name)),
    events: events.length,
  };
}

export function report(result: LandResult, repo: string, output: Output): void {
  if (output.isJson) {
    output.json(result);
    return;
  }
  const isFinished = result.why.status === 'finished';
  output.line(`${result.outcome}: ${result.task}: ${oneLine(isFinished ? result.reason : result.why.text)}`);
  const lines = [
    ...(isFinished ? endLines(result, repo) : linesOf(result.why, repo)),
    ...result.notes.map((note): LabelledLine => ['note', oneLine(note)]),
    ...(isFinished ? optional('do', result.next) : []),
  ];
  for (const line of labelledLines(lines)) output.line(`  ${line}`);
  for (const path of result.artifacts) output.line(`  ${path}`);
}

function endLines({ change, run }: LandResult, repo: string): readonly LabelledLine[] {
  return [
    ...optional('change', change && changeText(change)),
    ...optional('log', run && ofRepo(`stagegate log ${run}`, repo)),
  ];
}

function linesOf(why: Explanation, repo: string): readonly LabelledLine[] {
  return explanationLines(why).map(([label, text]) => {
    if (label === 'log') return [label, ofRepo(text, repo)];
    return [label, label === 'do' ? withRepo(text, repo) : text];
  });
}

/** The state is in the repository, so whoever asks for the output has to name it. */
function ofRepo(command: string, repo: string): string {
  return `${command} --repo ${shellWord(repo)}`;
}

/** The same for what a person may type to let a gate pass. */
function withRepo(text: string, repo: string): string {
  return text.replace(/\bstagegate (?:override|waive) \S+ \S+/g, (command) => ofRepo(command, repo));
}

/** For ever: that a gate was let through is part of how it landed. */
function passedBy({ overrides }: SubmittedTask): readonly string[] {
  return overrideLines(overrides).map((line) => line.join(' '));
}

/** Nobody but its user publishes main. */
function nextAfter(core: Core, repo: string, { branch, project }: SubmittedTask): Promise<string | null> {
  const main = core.settings.projects.get(project)?.repository.main;
  return main === undefined ? Promise.resolve(null) : publishing({ gitDir: repo, main }, branch);
}

type Seen = ReturnType<typeof readTaskEvent>;

/** main has moved: a git that cannot count any more makes no failure of it. */
async function changeOf(repo: string, { landed }: SubmittedTask): Promise<Pick<LandResult, 'change' | 'notes'>> {
  if (!landed) return { change: null, notes: [] };
  try {
    return { change: await changeStat(repo, landed), notes: [] };
  } catch (error) {
    return { change: null, notes: [`what has changed is not known: ${wordsOf(error)}`] };
  }
}

/** The run whose output says most: of the re-test, or of staging where there was none. */
function lastRun(events: readonly Seen[]): string | null {
  for (const event of [...events].reverse())
    if (event.type === 'RetestFinished' || event.type === 'StagingSuiteExecuted') return event.data.run.runId;
  return null;
}

function lastVerdict(events: readonly Seen[]): { readonly status: string } | null {
  for (const event of [...events].reverse())
    if (event.type === 'VerdictRecorded' && event.data.stage === 'deploy-staging') return event.data;
  return null;
}

function artifactsOf(events: readonly Seen[]): readonly string[] {
  const names = events.flatMap((event) => {
    if (event.type !== 'VerdictRecorded' && event.type !== 'RetestFinished') return [];
    return event.data.artifact ? [event.data.artifact.name] : [];
  });
  return [...new Set(names)];
}
