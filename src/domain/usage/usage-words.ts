import type { AgentUsage } from './agent-usage';

/** `12,345 in (10,000 cached), 900 out, $0.1234`: figures as people read them. */
export function usageText({ inputTokens, outputTokens, cachedTokens, costUsd }: AgentUsage): string {
  const cached = cachedTokens ? ` (${grouped(cachedTokens)} cached)` : '';
  const cost = costUsd === undefined ? '' : `, $${costUsd.toFixed(4)}`;
  return `${grouped(inputTokens)} in${cached}, ${grouped(outputTokens)} out${cost}`;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
