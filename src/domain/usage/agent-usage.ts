import { plainLine } from '../staging/plain-text';

/** What one run of an agent took, as its command has said. Nobody checks it, and it decides nothing. */
export interface AgentUsage {
  /** All tokens that went in, those from a cache included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** How many of the input came from a cache. */
  readonly cachedTokens?: number;
  readonly costUsd?: number;
  readonly model?: string;
  /** As the agent measures it; the run has the time of its processes. */
  readonly durationMs?: number;
}

/** What a command has said, still to be looked at. */
export type SaidUsage = { readonly [Name in keyof AgentUsage]?: unknown };

export type UsageRead =
  | { readonly kind: 'usage'; readonly usage: AgentUsage }
  /** There is some, and it is none that could be counted. */
  | { readonly kind: 'unusable'; readonly note: string };

/** More is a slip or a joke: it would drown every sum. */
const MOST = { tokens: 1e12, usd: 1e6, ms: 30 * 86_400_000 } as const;
const MODEL_CHARS = 100;

/** The one form of a usage, from any program's figures; what is no figure is refused as a whole, with the reason. */
export function usageOf(said: SaidUsage): UsageRead {
  const faults = [
    numberFault('inputTokens', said.inputTokens, MOST.tokens, { isWhole: true, isNeeded: true }),
    numberFault('outputTokens', said.outputTokens, MOST.tokens, { isWhole: true, isNeeded: true }),
    numberFault('cachedTokens', said.cachedTokens, MOST.tokens, { isWhole: true }),
    numberFault('costUsd', said.costUsd, MOST.usd),
    numberFault('durationMs', said.durationMs, MOST.ms),
    said.model === undefined || typeof said.model === 'string' ? null : 'model: expected text',
  ];
  const [note] = faults.filter((fault) => fault !== null);
  if (note !== undefined) return { kind: 'unusable', note };
  const figures = said as AgentUsage;
  const model = plainLine(figures.model ?? '', MODEL_CHARS);
  const usage = {
    inputTokens: figures.inputTokens,
    outputTokens: figures.outputTokens,
    ...(figures.cachedTokens === undefined ? {} : { cachedTokens: figures.cachedTokens }),
    ...(figures.costUsd === undefined ? {} : { costUsd: figures.costUsd }),
    ...(model === '' ? {} : { model }),
    ...(figures.durationMs === undefined ? {} : { durationMs: Math.round(figures.durationMs) }),
  };
  return { kind: 'usage', usage };
}

function numberFault(
  name: keyof AgentUsage,
  value: unknown,
  most: number,
  { isWhole = false, isNeeded = false } = {},
): string | null {
  if (value === undefined && !isNeeded) return null;
  const isFit = typeof value === 'number' && value >= 0 && value <= most && (!isWhole || Number.isInteger(value));
  if (isFit) return null;
  return `${name}: expected a ${isWhole ? 'whole ' : ''}number from 0 to ${most}, saw ${seen(value)}`;
}

function seen(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value === undefined ? 'none' : `a value of type ${value === null ? 'null' : typeof value}`;
}
