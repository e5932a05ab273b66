import { EXIT } from '../../exit-codes';
import type { Output } from '../../output';
import { bold, green, red } from '../../styled';
import type { FullStep } from './full-steps';
import { PROOF, type FullRun } from './full-stories';

export interface FullSummary {
  readonly runs: readonly RunSummary[];
  readonly durationMs: number;
}

export interface RunSummary extends Pick<FullRun, 'project' | 'title'> {
  readonly task: string;
  /** The stage where the task rests. */
  readonly stage: string;
  readonly isAsAnnounced: boolean;
  readonly steps: readonly FullStep[];
}

const COMMIT = /^[0-9a-f]{8}$/;

/** Who says what in a run that goes as announced; a commit is a pattern. */
export function announced({
  stagingRunner,
  testRunner,
}: FullRun): readonly (readonly [string, string, string | RegExp])[] {
  const round = (retest: string) =>
    [
      ['development', 'developer', COMMIT],
      ['review', 'reviewer', 'APPROVED'],
      ['testing', testRunner ? 'test-runner' : 'tester', 'PASSED'],
      ['deploy-staging', stagingRunner ? 'staging-runner' : 'deployer', 'SUCCESS'],
      ['deploy-staging', 'merge-gate', retest],
    ] as const;
  return [
    ['analysis', 'analyst', 'READY'],
    ['architecture', 'architect', 'READY'],
    ...round('red'),
    ...round('green'),
    ['deploy-staging', 'revert-check', 'pass'],
    ['deploy', 'deploy-finalizer', COMMIT],
  ];
}

export function goesAsAnnounced(run: FullRun, steps: readonly FullStep[]): boolean {
  const expected = announced(run);
  return (
    steps.length === expected.length &&
    steps.every(({ stage, producer, verdict }, index) => {
      const [atStage, by, says = ''] = expected[index] ?? [];
      const isSaid = typeof says === 'string' ? says === verdict : says.test(verdict);
      return stage === atStage && producer === by && isSaid;
    }) &&
    (run.isShadowed ? areLastCompared(steps) : comparedIn(steps).length === 0) &&
    comparedIn(steps).every(agrees)
  );
}

/** Whether the suites of the last round have come to their ends beside the agents. Those of a round before may have been cut short. */
export function areLastCompared(steps: readonly FullStep[]): boolean {
  const last = (['tester', 'deployer'] as const).map((role) => steps.findLast(({ producer }) => producer === role));
  return last.every((step) => step !== undefined && step.shadow !== null);
}

function comparedIn(steps: readonly FullStep[]): readonly FullStep[] {
  return steps.filter(({ shadow }) => shadow !== null);
}

function agrees({ verdict, shadow }: FullStep): boolean {
  return shadow?.verdict === verdict;
}

/** @returns 0 only if every run went as announced. */
export function reportFull(summary: FullSummary, output: Output): number {
  const code = summary.runs.every(({ isAsAnnounced }) => isAsAnnounced) ? EXIT.ok : EXIT.internal;
  if (output.isJson) {
    output.json({ summary });
    return code;
  }
  for (const run of summary.runs) printRun(run, output);
  output.line('');
  if (code === EXIT.ok) output.line(PROOF);
  output.line(
    'Time is that of the processes. Cost is what the script says of itself: figures made up from the size of its briefs.',
  );
  output.line(`${summary.runs.length} runs in ${seconds(summary.durationMs)}`);
  return code;
}

function printRun({ task, stage, title, isAsAnnounced, steps }: RunSummary, output: Output): void {
  const mark = isAsAnnounced ? green('as announced') : red('not as announced');
  output.line('');
  output.line(bold(task), `  ${title}; ${stage}, `, mark);
  const compared = comparedIn(steps);
  const isCompared = compared.length > 0;
  const total = ['', '', '', seconds(sum(steps, timeOf)), dollars(sum(steps, costOf)), ...(isCompared ? ['', ''] : [])];
  output.table(
    ['stage', 'producer', 'verdict', 'time', 'cost', ...(isCompared ? ['the suite beside it', 'its time'] : [])],
    [...steps.map((step) => [...cells(step), ...(isCompared ? shadowCells(step) : [])]), total],
  );
  if (isCompared)
    output.line(`agreement: ${compared.filter(agrees).length} of ${compared.length} verdicts that were compared`);
}

function shadowCells({ shadow }: FullStep): readonly string[] {
  return shadow ? [shadow.verdict, seconds(shadow.durationMs)] : ['-', '-'];
}

function cells({ stage, producer, verdict, durationMs, usage }: FullStep): readonly string[] {
  return [
    stage,
    producer,
    verdict,
    durationMs === null ? '-' : seconds(durationMs),
    usage?.costUsd === undefined ? '-' : dollars(usage.costUsd),
  ];
}

function timeOf({ durationMs }: FullStep): number {
  return durationMs ?? 0;
}

function costOf({ usage }: FullStep): number {
  return usage?.costUsd ?? 0;
}

function sum(steps: readonly FullStep[], of: (step: FullStep) => number): number {
  return steps.reduce((before, step) => before + of(step), 0);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function dollars(usd: number): string {
  return `$${usd.toFixed(4)}`;
}
