import { SHADOW_STAGES, type ShadowStage } from '../../domain/policy/project-policy';
import { rowOf, runnerOf, type AgentRole, type Producer } from '../../domain/task/pipeline';
import { costUsdOf } from '../../domain/usage/usage-totals';
import type { AgentRun } from './agent-run.projector';

export type AgentWord = 'passed' | 'failed' | 'none';
export type SuiteWord = 'passed' | 'failed' | 'notExecuted';

/** What agent and suite said of one commit at one stage of one task. */
export interface Pair {
  readonly task: string;
  readonly agent: AgentWord;
  readonly suite: SuiteWord;
  /** The run whose verdict it is, else the last one. */
  readonly agentRunId: string;
  readonly suiteRunId: string;
  /** Why the suite was not executed. */
  readonly reason: string | null;
}

/** What was taken, by how many runs; tokens and cost are those of the runs that have told them. */
export interface Taken {
  readonly runs: number;
  readonly durationMs: number;
  /** Runs that have told their tokens. */
  readonly counted: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** Runs that have told a cost. */
  readonly priced: number;
  /** Null: no cost is recorded. */
  readonly costUsd: number | null;
}

export interface ShadowedStage {
  readonly stage: ShadowStage;
  readonly role: AgentRole;
  readonly runner: Producer;
  /** By the word of the agent, then by that of the suite. */
  readonly matrix: Readonly<Record<AgentWord, Readonly<Record<SuiteWord, number>>>>;
  /** Pairs of two verdicts, how many of them are the same, and their share; null without any. */
  readonly compared: number;
  readonly agreed: number;
  readonly agreement: number | null;
  /** The latest ones, up to `MOST_LISTED`; how many there are says the matrix. */
  readonly disagreements: readonly Pair[];
  /** Of the commits for which the suite was executed: what agents have taken for them, what the suite has. */
  readonly agent: Taken;
  readonly suite: { readonly runs: number; readonly durationMs: number };
  /** What would not have been spent with the runner in place of the agent; null without a run of both. */
  readonly saved: (Omit<Taken, 'runs' | 'counted' | 'priced'> & { readonly fromRuns: number }) | null;
}

export const MOST_LISTED = 100;

/** @param rows every run about a commit that a shadow was about, in the order of their keys. */
export function shadowedStages(rows: readonly AgentRun[]): readonly ShadowedStage[] {
  return SHADOW_STAGES.flatMap((stage) => {
    const mine = rows.filter((row) => row.stage === stage);
    return mine.length === 0 ? [] : [stageOf(stage, subjectsIn(mine))];
  });
}

interface Subject {
  readonly runs: readonly AgentRun[];
  readonly pair: Pair;
  /** The run of the suite that counts. */
  readonly shadow: AgentRun;
}

function subjectsIn(rows: readonly AgentRun[]): readonly Subject[] {
  const bySubject = new Map<string, AgentRun[]>();
  for (const row of rows) bySubject.set(row.subject, [...(bySubject.get(row.subject) ?? []), row]);
  return [...bySubject.values()].flatMap((runs) => {
    const shadows = runs.filter(({ shadowRunId }) => shadowRunId !== null);
    // One that was executed says more than a later one that was not.
    const shadow = shadows.findLast(({ shadowPassed }) => shadowPassed !== null) ?? shadows.at(-1);
    return shadow ? [{ runs, shadow, pair: pairOf(runs, shadow) }] : [];
  });
}

function pairOf(runs: readonly AgentRun[], shadow: AgentRun): Pair {
  const judged = runs.findLast(({ passed }) => passed !== null);
  return {
    task: shadow.taskId,
    agent: judged ? word(judged.passed === 1) : 'none',
    suite: shadow.shadowPassed === null ? 'notExecuted' : word(shadow.shadowPassed === 1),
    agentRunId: (judged ?? shadow).runId,
    suiteRunId: shadow.shadowRunId ?? '',
    reason: shadow.shadowReason,
  };
}

function word(isPassed: boolean): 'passed' | 'failed' {
  return isPassed ? 'passed' : 'failed';
}

function stageOf(stage: ShadowStage, subjects: readonly Subject[]): ShadowedStage {
  const { fallback } = rowOf(stage);
  if (fallback === null) throw new Error(`nobody stands in for the runner of ${stage}`);
  const pairs = subjects.map(({ pair }) => pair);
  const compared = pairs.filter(({ agent, suite }) => agent !== 'none' && suite !== 'notExecuted');
  const disagreements = compared.filter(({ agent, suite }) => agent !== suite);
  const agreed = compared.length - disagreements.length;
  const both = subjects.filter(({ pair, runs }) => pair.suite !== 'notExecuted' && runs.some(({ ended }) => ended > 0));
  const agent = takenBy(both.flatMap(({ runs }) => runs.filter(({ ended }) => ended > 0)));
  const suite = { runs: both.length, durationMs: sum(both.map(({ shadow }) => shadow.shadowMs)) };
  return {
    stage,
    role: fallback,
    runner: runnerOf(stage),
    matrix: matrixOf(pairs),
    compared: compared.length,
    agreed,
    agreement: compared.length === 0 ? null : agreed / compared.length,
    disagreements: disagreements.slice(-MOST_LISTED).reverse(),
    agent,
    suite,
    saved: both.length === 0 ? null : savedBy(agent, suite.durationMs),
  };
}

function savedBy(agent: Taken, suiteMs: number): ShadowedStage['saved'] {
  const { runs: fromRuns, inputTokens, outputTokens, cachedTokens, costUsd } = agent;
  return { durationMs: agent.durationMs - suiteMs, inputTokens, outputTokens, cachedTokens, costUsd, fromRuns };
}

function matrixOf(pairs: readonly Pair[]): ShadowedStage['matrix'] {
  const row = (agent: AgentWord) => {
    const count = (suite: SuiteWord) => pairs.filter((pair) => pair.agent === agent && pair.suite === suite).length;
    return { passed: count('passed'), failed: count('failed'), notExecuted: count('notExecuted') };
  };
  return { passed: row('passed'), failed: row('failed'), none: row('none') };
}

function takenBy(runs: readonly AgentRun[]): Taken {
  const costs = runs.flatMap(({ costMicroUsd }) => costMicroUsd ?? []);
  return {
    runs: runs.length,
    durationMs: sum(runs.map(({ durationMs }) => durationMs)),
    counted: sum(runs.map(({ counted }) => counted)),
    inputTokens: sum(runs.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(runs.map(({ outputTokens }) => outputTokens)),
    cachedTokens: sum(runs.map(({ cachedTokens }) => cachedTokens)),
    priced: costs.length,
    costUsd: costs.length === 0 ? null : costUsdOf({ costMicroUsd: sum(costs) }),
  };
}

/** Stays a number that JSON keeps as it is. */
function sum(figures: readonly number[]): number {
  return Math.min(
    Number.MAX_SAFE_INTEGER,
    figures.reduce((before, one) => before + one, 0),
  );
}
