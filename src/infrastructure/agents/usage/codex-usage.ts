import { usageOf, type UsageRead } from '../../../domain/usage/agent-usage';
import { isObject, type Json, type ReadUsage } from './said';

/**
 * Lines of `codex exec --json`: `turn.completed` with its `usage`, or, of older versions, `token_count` with totals. Both count
 * from the beginning of the session, so the last one says it all; its input is counted with the cache, as ours.
 *
 * Source: https://developers.openai.com/codex/noninteractive, codex-rs/exec/src/exec_events.rs of https://github.com/openai/codex
 */
export const codexUsage: ReadUsage = (said) => {
  if (said['type'] === 'turn.completed' && isObject(said['usage'])) return fromTotals(said['usage']);
  const event = [said, said['msg'], said['payload']].filter(isObject).find(({ type }) => type === 'token_count');
  if (!event) return null;
  // The first one of a session has no figures yet.
  const info = isObject(event['info']) ? event['info'] : event;
  const totals = info['total_token_usage'] ?? (event['input_tokens'] === undefined ? null : event);
  return isObject(totals) ? fromTotals(totals) : null;
};

function fromTotals(totals: Json): UsageRead {
  return usageOf({
    inputTokens: totals['input_tokens'],
    outputTokens: totals['output_tokens'],
    cachedTokens: totals['cached_input_tokens'],
  });
}
