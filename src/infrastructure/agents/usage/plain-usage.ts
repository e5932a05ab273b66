import { usageOf, type AgentUsage } from '../../../domain/usage/agent-usage';
import { isObject, type ReadUsage } from './said';

const NAMES: readonly (keyof AgentUsage)[] = [
  'inputTokens',
  'outputTokens',
  'cachedTokens',
  'costUsd',
  'model',
  'durationMs',
];

/** The line of our own that any script can print: `{"usage": {"inputTokens": 1200, "outputTokens": 300}}`. */
export const plainUsage: ReadUsage = (said) => {
  // Objects with a type are lines of somebody's protocol.
  if (said['type'] !== undefined || !isObject(said['usage'])) return null;
  const { usage } = said;
  return usageOf(Object.fromEntries(NAMES.map((name) => [name, usage[name]])));
};
