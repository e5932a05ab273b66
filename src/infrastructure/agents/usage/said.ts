import type { UsageRead } from '../../../domain/usage/agent-usage';

export type Json = Readonly<Record<string, unknown>>;

/** Reads one program's way to say what a run took. Null: this is no such object. */
export type ReadUsage = (said: Json) => UsageRead | null;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The sum, where all of them are numbers or missing; the first that is neither stands for itself. */
export function total(...parts: readonly unknown[]): unknown {
  const odd = parts.find((part) => part !== undefined && (typeof part !== 'number' || part < 0));
  return odd ?? (parts as readonly (number | undefined)[]).reduce<number>((sum, part) => sum + (part ?? 0), 0);
}
