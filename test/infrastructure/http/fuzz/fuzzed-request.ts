import type { Dice } from './dice';
import { HOSTILE_BODIES, HOSTILE_JSON, HOSTILE_URL_PARTS } from '../hostile-values';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly example: string;
}

/** An operation of the document. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example: Record<string, unknown> }>> };
  /** Of tokens: what they need. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, object>>;
}

export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
}

/** What there is, what there is not, and what is there in parts. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  id: ['web.T1', 'web.T2', 'web.F1', 'web.none', 'other.T1'],
  // What evidence brings, by its name and its sha256: more often than what there is not.
  artifact: [...Array<string>(4).fill('junit.xml'), '14971007a6c99471a0dd7d408b2769fa55dfa8534c3d21e761a2d9f6f1ef7467'],
  task: ['web.T1', 'web.T2', 'web.none'],
  project: ['web', 'other'],
  limit: ['1', '2', '500', '0', '501'],
  stage: ['created', 'deploy-staging', 'done', 'nowhere'],
  at: ['2026-11-24T22:46:31.942Z', '0', '1'],
  operation: ['hold', 'release', 'retry', 'cancel', 'explode'],
};
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'If-Match': ['*', '"0"', '"1"', '"5"', 'W/"1"', '7', ''],
  Range: [
    'bytes=0-1',
    'bytes=-1',
    'bytes=9999-',
    'bytes=1-0',
    'bytes=0-0,2-3',
    'lines=1-2',
    'bytes=99999999999999999999-',
    '',
  ],
  'If-Range': ['*', '"1"', 'W/"2"', 'Tue, 01 Dec 2026 10:00:00 GMT', ''],
  'If-None-Match': ['*', '"1"', 'W/"2"', 'x'],
  'Idempotency-Key': ['a', 'b', 'c', '', 'x'.repeat(300)],
};
const OTHER_HEADERS: readonly (readonly [string, string])[] = [
  ['range', 'bytes=0-1'],
  ['range', 'bytes=9999-'],
  ['accept', 'text/event-stream'],
  ['accept', 'text/html'],
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-encoding', 'gzip'],
  ['origin', 'http://evil.example'],
  ['if-match', '"1"'],
  ['idempotency-key', 'k'],
  ['last-event-id', 'nonsense'],
];

/** A request of an operation: right, or with something in it that is not. */
export function fuzzedRequest(operation: Operation, dice: Dice, count: number): FuzzedRequest {
  const { method } = operation;
  const headers: Record<string, string> = {};
  const query: string[] = [];
  let { path } = operation;
  for (const { name, in: where, required, example } of operation.parameters) {
    const isBroken = dice.isOneIn(12);
    const known = KNOWN[name] ?? [example];
    const value = isBroken ? dice.pick(HOSTILE_URL_PARTS) : encodeURIComponent(dice.pick([example, example, ...known]));
    if (where === 'path') path = path.replace(`{${name}}`, value === '' ? '-' : value);
    else if (where === 'query' && dice.isOneIn(3)) query.push(`${name}=${value}`);
    else if (where === 'header' && dice.isOneIn(required ? 1.1 : 4))
      headers[name] = dice.pick(HEADERS[name] ?? [example]);
  }
  if (dice.isOneIn(25)) query.push(dice.pick(['unknown=1', '__proto__=1', 'project=a&project=b', '%00=1']));
  const body = bodyOf(operation, dice, count);
  if (body !== null) headers['content-type'] = 'application/json';
  if (dice.isOneIn(25)) {
    const [name, value] = dice.pick(OTHER_HEADERS);
    headers[name] = value;
  }
  return {
    method: dice.isOneIn(60) ? dice.pick(['PUT', 'PATCH', 'DELETE', 'HEAD']) : method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body,
  };
}

function bodyOf({ requestBody, operationId }: Operation, dice: Dice, count: number): string | Buffer | null {
  const example = requestBody?.content['application/json']?.example;
  if (!example) return null;
  if (dice.isOneIn(25)) return dice.pick(HOSTILE_BODIES);
  const own = operationId === 'tasksSubmit' ? { id: dice.pick(['T1', 'T2', `F${count}`]) } : {};
  const members = Object.entries({ ...example, ...own }).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const kept = members.filter(() => !dice.isOneIn(15));
  const broken = kept.map(([name, json]) => [name, dice.isOneIn(12) ? dice.pick(HOSTILE_JSON) : json] as const);
  const all = dice.isOneIn(20)
    ? [...broken, [dice.pick(['unknown', '__proto__']), dice.pick(HOSTILE_JSON)] as const]
    : broken;
  return `{${all.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}
