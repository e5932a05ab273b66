import type { AgentUsage } from './agent-usage';

/** What all runs of some kind took together. */
export interface UsageTotals {
  readonly runs: number;
  /** How many of them have said what they took; the tokens and the cost are theirs alone. */
  readonly counted: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** In whole millionths, so that sums are the same in any order. */
  readonly costMicroUsd: number;
  /** Of their processes, from start to end. */
  readonly durationMs: number;
}

const MICRO = 1e6;
/** Of no run at all. */
export const NO_USAGE: UsageTotals = {
  runs: 0,
  counted: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  costMicroUsd: 0,
  durationMs: 0,
};

export function withRun(
  totals: UsageTotals = NO_USAGE,
  { usage, durationMs }: { readonly usage: AgentUsage | undefined; readonly durationMs: number },
): UsageTotals {
  return {
    runs: totals.runs + 1,
    counted: totals.counted + (usage ? 1 : 0),
    inputTokens: sum(totals.inputTokens, usage?.inputTokens),
    outputTokens: sum(totals.outputTokens, usage?.outputTokens),
    cachedTokens: sum(totals.cachedTokens, usage?.cachedTokens),
    costMicroUsd: sum(totals.costMicroUsd, Math.round((usage?.costUsd ?? 0) * MICRO)),
    durationMs: sum(totals.durationMs, durationMs),
  };
}

export function together(all: readonly UsageTotals[]): UsageTotals {
  return all.reduce((before, one) => {
    const names = Object.keys(NO_USAGE) as (keyof UsageTotals)[];
    return Object.fromEntries(names.map((name) => [name, sum(before[name], one[name])])) as unknown as UsageTotals;
  }, NO_USAGE);
}

/** Stays a number that every store keeps as it is. */
function sum(before: number, more = 0): number {
  return Math.min(Number.MAX_SAFE_INTEGER, before + more);
}

export function costUsdOf({ costMicroUsd }: Pick<UsageTotals, 'costMicroUsd'>): number {
  return costMicroUsd / MICRO;
}
