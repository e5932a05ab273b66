import { epochMs } from './instant';

/**
 * Checks of what a log holds, as the types of the events say it: small guards, as every event passes through them that is
 * read. A type that gets another member breaks the build until its check is there.
 */
export type Check<T> = (value: unknown) => value is T;
/** One check for every member; a stricter one than the type is allowed, a laxer one is not. */
export type Members<T> = { readonly [Name in keyof T]-?: Check<T[Name]> };

/** Deeper than any event has a reason to be, and far from where stacks end. */
const MAX_DEPTH = 64;
const DECIMAL = /^\d{1,19}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** As every store and database keeps it: no NUL, no half of a surrogate pair. */
export const text: Check<string> = (value): value is string =>
  typeof value === 'string' && !value.includes('\0') && (value as string & WellFormed).isWellFormed();

/** Of ES2024, and of Node 20. */
interface WellFormed {
  isWellFormed(): boolean;
}

export const whole: Check<number> = (value): value is number => Number.isSafeInteger(value);
/** Any number that JSON has. */
export const figure: Check<number> = (value): value is number => Number.isFinite(value);
export const flag: Check<boolean> = (value): value is boolean => typeof value === 'boolean';
/** A revision, as text. */
export const decimal: Check<string> = (value): value is string => typeof value === 'string' && DECIMAL.test(value);
/** A point in time as `instant` writes it. */
export const moment: Check<string> = (value): value is string =>
  typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(epochMs(value));

/** @param members as the keys of an object, so that none can be forgotten. */
export function oneOf<T extends string>(members: Readonly<Record<T, true>>): Check<T> {
  const known = new Set<unknown>(Object.keys(members));
  return (value): value is T => known.has(value);
}

/** One of a list that stands somewhere else. */
export function among<T>(members: readonly T[]): Check<T> {
  const known = new Set<unknown>(members);
  return (value): value is T => known.has(value);
}

export function exactly<const T>(wanted: T): Check<T> {
  return (value): value is T => value === wanted;
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value);
}

/** For a member that may be missing. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

export function either<A, B>(one: Check<A>, other: Check<B>): Check<A | B> {
  return (value): value is A | B => one(value) || other(value);
}

export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(check);
}

/** An object with these members; others may be there, as a later version may have added some. */
export function object<T extends object>(members: Members<T>): Check<T> {
  const faultIn = memberFault(members);
  return (value): value is T => isObject(value) && faultIn(value) === null;
}

/** @returns the first member that does not fit, by its name; null when all do. */
export function memberFault<T extends object>(members: Members<T>): (value: object) => string | null {
  const names = Object.keys(members);
  const checks = Object.values<Check<unknown>>(members);
  const known = new Set(names);
  return (value) => {
    const found = value as Readonly<Record<string, unknown>>;
    for (let index = 0; index < names.length; index += 1)
      if (!(checks[index] as Check<unknown>)(found[names[index] as string])) return names[index] as string;
    for (const name in found) if (!known.has(name) && !(text(name) && json(found[name]))) return name;
    return null;
  };
}

/** Any JSON that every store and database keeps as it is. */
export function isJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || depth === MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((member) => isJson(member, depth + 1));
  return Object.entries(value).every(([name, member]) => text(name) && isJson(member, depth + 1));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function json(value: unknown): boolean {
  return isJson(value, 1);
}
