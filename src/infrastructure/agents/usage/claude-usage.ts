import { usageOf } from '../../../domain/usage/agent-usage';
import { isObject, total, type Json, type ReadUsage } from './said';

/**
 * The `result` object of `claude -p`: all of what `--output-format json` prints, the last line of `stream-json`. Its input is
 * counted without the cache, and so is ours with it.
 *
 * Source: https://code.claude.com/docs/en/headless and the `SDKResultMessage` of https://code.claude.com/docs/en/agent-sdk/typescript
 */
export const claudeUsage: ReadUsage = (said) => {
  if (said['type'] !== 'result' || !isObject(said['usage'])) return null;
  const { usage } = said;
  return usageOf({
    inputTokens: needed(usage, 'input_tokens', ['cache_creation_input_tokens', 'cache_read_input_tokens']),
    outputTokens: usage['output_tokens'],
    cachedTokens: usage['cache_read_input_tokens'],
    costUsd: said['total_cost_usd'],
    durationMs: said['duration_ms'],
    ...modelOf(said['modelUsage']),
  });
};

function needed(usage: Json, name: string, others: readonly string[]): unknown {
  return usage[name] === undefined ? undefined : total(usage[name], ...others.map((other) => usage[other]));
}

/** The one that most was paid for: an agent asks small models for small things. */
function modelOf(byModel: unknown): { model?: string } {
  if (!isObject(byModel)) return {};
  let most = { model: '', cost: -1 };
  for (const [model, figures] of Object.entries(byModel)) {
    const cost = isObject(figures) && typeof figures['costUSD'] === 'number' ? figures['costUSD'] : 0;
    if (cost > most.cost) most = { model, cost };
  }
  return most.model === '' ? {} : { model: most.model };
}
