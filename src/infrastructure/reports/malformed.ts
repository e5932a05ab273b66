import type { Parsed, ReportReason } from '../../application/ports/report-reader';

/** A report is not what its format asks for. Thrown and caught within a reader, whose callers get a value. */
export class Malformed extends Error {
  /** @param reason another one where the report is well formed and says that its tool has failed. */
  constructor(
    message: string,
    readonly reason: ReportReason = 'report_malformed',
  ) {
    super(message);
  }
}

/** What a reader has made of a report, or what it has found wrong with it. */
export function parsedBy<R>(read: () => R): Parsed<R> {
  try {
    return { kind: 'read', report: read() };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { kind: 'fault', reason: error.reason, evidence: [error.message] };
  }
}

type Value = unknown;

/** What a value is, in a complaint. */
export function kindOf(value: Value): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value);
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: Value, at: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`${at}: expected an object, saw ${kindOf(value)}`);
  return value as Fields;
}

/** Null where it is missing. */
export function optionalFields(value: Value, at: string): Fields | null {
  return value === undefined || value === null ? null : fieldsOf(value, at);
}

/** Empty where it is missing. */
export function listOf(value: Value, at: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed(`${at}: expected a list, saw ${kindOf(value)}`);
  return value;
}

/** Null where it is missing. */
export function optionalText(value: Value, at: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new Malformed(`${at}: expected text, saw ${kindOf(value)}`);
  return value;
}

/** Null where it is missing. */
export function optionalWhole(value: Value, at: string, least: number): number | null {
  if (value === undefined || value === null) return null;
  if (!Number.isSafeInteger(value) || (value as number) < least)
    throw new Malformed(`${at}: expected a whole number from ${least} on, saw ${kindOf(value)}`);
  return value as number;
}

/** Null where it is missing. */
export function optionalOf<T extends string>(value: Value, known: readonly T[], at: string): T | null {
  if (value === undefined || value === null) return null;
  if (!(known as readonly unknown[]).includes(value))
    throw new Malformed(`${at}: expected one of ${known.join(', ')}, saw ${kindOf(value)}`);
  return value as T;
}
