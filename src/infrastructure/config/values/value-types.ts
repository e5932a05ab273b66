import { resolve } from 'node:path';
import { mayHoldSecret } from '../../../application/secrets';
import { isTokenText } from '../../../domain/access/token-text';
import { isProjectKey } from '../../../domain/ids';
import { seenPath, seenPlain, seenUrl } from '../config-error';
import { familyOf } from '../../outbound/addresses';
import { faultOfPostgresUrl } from '../../postgres/server-url';
import { faultOfEsdbUrl } from './esdb-url';
import { isOfTheService } from '../own-variables';

/** `advice` replaces the general "correct it" where more is known. */
export type Parsed<T> = { readonly value: T } | { readonly advice: string | null };

/** How the text of one environment variable becomes a value. */
export interface ValueType<T> {
  /** As the reference calls it. */
  readonly name: string;
  /** Completes "expected …" in a message. */
  readonly expected: string;
  readonly parse: (text: string) => Parsed<T>;
  /** How a message shows a value that is wrong; default: quoted. */
  readonly shown?: (text: string | undefined) => string;
}

const INVALID = { advice: null } as const;
/** Decimal digits alone: `1e3`, `0x10` and ` 5` are somebody's mistake. */
const DIGITS = /^(?:0|[1-9][0-9]{0,8})$/;

export function integer(from: number, to: number): ValueType<number> {
  return {
    name: 'integer',
    expected: `a whole number from ${from} to ${to}`,
    parse: (text) => {
      const value = Number(text);
      return DIGITS.test(text) && value >= from && value <= to ? { value } : INVALID;
    },
  };
}

/** A day: whoever asks for more has mistaken the unit. */
const MAX_SECONDS = 86_400;

/** Whole seconds, 1 to a day. */
export function seconds(): ValueType<number> {
  return { ...integer(1, MAX_SECONDS), name: 'seconds', expected: `whole seconds from 1 to ${MAX_SECONDS}` };
}

export const flag: ValueType<boolean> = {
  name: 'boolean',
  expected: 'true or false',
  parse: (text) => (text === 'true' || text === 'false' ? { value: text === 'true' } : INVALID),
};

export function choice<T extends string>(values: readonly T[], advice: string | null = null): ValueType<T> {
  return {
    name: values.length === 1 ? 'text' : 'choice',
    expected: values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`,
    parse: (text) => {
      const value = values.find((candidate) => candidate === text);
      return value === undefined ? { advice } : { value };
    },
  };
}

const PATH_ADVICE = 'begin a path that has a colon or an @ with / or ./';

/** Absolute; a relative one counts from the folder the service was started in. */
export const path: ValueType<string> = {
  name: 'path',
  expected: 'a path',
  shown: seenPath,
  parse: (text) => {
    if (text === '' || text.includes('\0')) return INVALID;
    return mayHoldSecret(text) ? { advice: PATH_ADVICE } : { value: resolve(text) };
  },
};

/** Somebody may have pasted the value behind it. */
const nameIn = (text: string) => /^\w{0,100}/.exec(text)?.[0] ?? '';
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;

export const variableNames: ValueType<readonly string[]> = {
  name: 'names',
  expected: "names of variables, separated by commas, none of the service's own",
  parse: (text) => {
    const value = text.split(',').map((name) => name.trim());
    const own = value.find(isOfTheService);
    if (own !== undefined)
      return { advice: `take ${nameIn(own)} out: whatever runs here could reach the stores with it` };
    return value.every((name) => VARIABLE_NAME.test(name)) ? { value } : INVALID;
  },
};

/** Projects for which a mechanism is on. */
export type Scope = '*' | readonly string[];

export const scope: ValueType<Scope> = {
  name: 'projects',
  expected: '* or project keys, separated by commas',
  parse: (text) => {
    if (text === '*') return { value: '*' };
    const value = text.split(',').map((key) => key.trim());
    return value.every(isProjectKey) ? { value } : INVALID;
  },
};

/** Where commands ask for a service that is not on their state folder; null: nowhere else. */
export const serviceUrl: ValueType<string | null> = {
  name: 'service',
  expected: '"local" or http://HOST:PORT',
  shown: seenUrl,
  parse: (text) => {
    if (text === 'local') return { value: null };
    const isPlain = /^https?:\/\/[^/?#@\s]+\/?$/.test(text) && URL.canParse(text);
    return isPlain ? { value: text } : INVALID;
  },
};

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

export const address: ValueType<string> = {
  name: 'address',
  expected: 'an IP address',
  parse: (text) => (familyOf(text) === 0 ? INVALID : { value: text }),
};

/** As `Host` has them, without a port. */
export const hostNames: ValueType<readonly string[]> = {
  name: 'hosts',
  expected: '"none" or names of hosts without ports, separated by commas',
  parse: (text) => listed(text.toLowerCase(), (name) => HOST_NAME.test(name)),
};

export const addressRanges: ValueType<readonly string[]> = {
  name: 'addresses',
  expected: '"none" or IP addresses and ranges (10.0.0.0/8), separated by commas',
  parse: (text) => listed(text, isAddressRange),
};

function listed(text: string, isMember: (part: string) => boolean): Parsed<readonly string[]> {
  if (text === 'none') return { value: [] };
  const value = text.split(',').map((part) => part.trim());
  return value.every(isMember) ? { value } : INVALID;
}

function isAddressRange(text: string): boolean {
  const [base = '', bits, ...rest] = text.split('/');
  if (rest.length > 0) return false;
  const most = { 0: -1, 4: 32, 6: 128 }[familyOf(base)];
  return bits === undefined ? most > 0 : /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most;
}

/** Never shown, right or wrong. */
export const accessToken: ValueType<string | null> = {
  name: 'token',
  expected: '"none" or a token of stagegate token create',
  shown: (text = '') => (text === '' ? seenPlain(text) : 'something else (not shown)'),
  parse: (text) => {
    if (text === 'none') return { value: null };
    return isTokenText(text) ? { value: text } : INVALID;
  },
};

type EmbeddedUrl = { readonly kind: 'memory' } | { readonly kind: 'file'; readonly path: string };
type PostgresUrl = { readonly kind: 'postgres'; readonly url: string };
type EventStoreDbUrl = { readonly kind: 'eventstoredb'; readonly url: string };
export type ReadModelUrl = EmbeddedUrl | PostgresUrl;
export type StoreUrl = ReadModelUrl | EventStoreDbUrl;

const FILE_SCHEME = 'file:';
/** `file://host/path` is no path at all, and `file:///x` is `file:/x` written differently. */
const DOUBLE_SLASH = 'file://';
const NO_READ_MODELS = 'EventStoreDB keeps the events alone; use file:PATH or postgres://… for the read models';

/** The path of `file:` stays as it was written; the state directory is added when that is known. */
export const storeUrl: ValueType<StoreUrl> = {
  name: 'store',
  expected: 'file:PATH, postgres://USER:PASSWORD@HOST/DATABASE, esdb://USER:PASSWORD@HOST or "memory:"',
  shown: seenUrl,
  parse: (text) => (isEventStoreDb(text) ? eventStoreDbUrl(text) : readModelUrl.parse(text)),
};

export const readModelUrl: ValueType<ReadModelUrl> = {
  name: 'read model',
  expected: 'file:PATH, postgres://USER:PASSWORD@HOST/DATABASE or "memory:"',
  shown: seenUrl,
  parse: (text) => {
    if (/^postgres(ql)?:/.test(text)) return postgresUrl(text);
    return isEventStoreDb(text) ? { advice: NO_READ_MODELS } : embedded(text);
  },
};

function isEventStoreDb(text: string): boolean {
  return /^(esdb|kurrentdb|kurrent|kdb)(\+discover)?:/.test(text);
}

function eventStoreDbUrl(text: string): Parsed<EventStoreDbUrl> {
  const advice = faultOfEsdbUrl(text);
  return advice === null ? { value: { kind: 'eventstoredb', url: text } } : { advice };
}

function embedded(text: string): Parsed<EmbeddedUrl> {
  if (text === 'memory:') return { value: { kind: 'memory' } };
  if (!text.startsWith(FILE_SCHEME)) return INVALID;
  if (text.startsWith(DOUBLE_SLASH)) return { advice: 'write it as file:PATH, without //' };
  const file = text.slice(FILE_SCHEME.length);
  if (file === '' || file.includes('\0')) return INVALID;
  return file.includes(':') || mayHoldSecret(file)
    ? { advice: 'write a path without a colon behind "file:", and begin one that has an @ with / or ./' }
    : { value: { kind: 'file', path: file } };
}

function postgresUrl(text: string): Parsed<PostgresUrl> {
  const advice = faultOfPostgresUrl(text);
  return advice === null ? { value: { kind: 'postgres', url: text } } : { advice };
}
