import { FIELDS } from './envelope-fields';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { CHAIN_START, toNewEvents } from '../../src/application/envelope';
import type { EventStore, StoredEvent } from '../../src/application/ports/event-store';
import type { JsonObject } from '../../src/domain/json';
import { findUnportable, isPlainObject } from '../../src/infrastructure/event-stores/portable-json';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';

const FOLDER = resolve(__dirname, '../fixtures/events');

/** One event of every type and version that was ever written. */
export const SAMPLES: readonly StoredEvent[] = readdirSync(FOLDER)
  .sort()
  .map((name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const { revision, recordedAt, ...stored } = JSON.parse(text) as StoredEvent &
      Record<'revision' | 'recordedAt', string>;
    return { ...stored, revision: BigInt(revision), recordedAt: new Date(recordedAt) };
  });

const BEGIN = SAMPLES.find(({ type }) => type === 'TaskSubmitted') as StoredEvent;

/** What hands and other programs put where an event's own data should be: mostly that data, with something wrong in it. */
export function oddJson(data: JsonObject): fc.Arbitrary<unknown> {
  const names = Object.keys(data);
  const member = names.length === 0 ? fc.constant('x') : fc.constantFrom(...names);
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...ODD_VALUES));
  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(member, value).map(([name, odd]) => ({ ...data, [name]: odd })) },
    { weight: 2, arbitrary: member.map((name) => without(data, name)) },
    { weight: 1, arbitrary: fc.tuple(fc.string(), value).map(([name, odd]) => ({ ...data, [name]: odd })) },
    { weight: 1, arbitrary: fc.constantFrom(...SAMPLES.map((sample) => sample.data)) },
    { weight: 2, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_VALUES) },
  );
}

/** In the place of an event of a type that this program writes. */
export interface OddEvent {
  readonly type: string;
  /** Of the sample: its kind counts. */
  readonly stream: string;
  readonly data: JsonObject;
}

/** Some for every type. Only what stores take: what they cannot hold is put there by hand, and not by an append. */
export function oddEvents(perType: number, seed: number): readonly OddEvent[] {
  const isTaken = (odd: unknown): odd is JsonObject => isPlainObject(odd) && findUnportable(odd) === null;
  return SAMPLES.flatMap(({ type, stream, data }) =>
    fc.sample(oddJson(data).filter(isTaken), { seed, numRuns: perType }).map((odd) => ({ type, stream, data: odd })),
  );
}

/** A stream of its own with the event in it, whose hash is right; of a task, behind its beginning. */
export async function writeOdd(store: EventStore, key: string, { type, stream: like, data }: OddEvent): Promise<void> {
  const isTask = like.startsWith('task-');
  const stream = isTask ? `task-web.${key}` : `${like.slice(0, like.indexOf('-'))}-${key}`;
  const begin = { type: 'TaskSubmitted', data: { ...BEGIN.data, taskId: `web.${key}`, project: 'web' } };
  const facts = isTask ? [begin, { type, data }] : [{ type, data }];
  const at = { stream, expected: 'no-stream', chain: CHAIN_START } as const;
  const ids = new CryptoIds();
  const made = toNewEvents(new NodeHasher(), at, facts, {}, FIELDS, (index) => ids.eventId(stream, index));
  await store.append(stream, 'no-stream', made.events);
}

function deep(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { a: [value] };
  return value;
}

/** Each has ended some program. */
const ODD_VALUES: readonly unknown[] = [
  {},
  [],
  null,
  '',
  '\u0000',
  '\ud800',
  '5n',
  '-1',
  'task-web.a',
  'deploy-staging',
  '9999-99-99T99:99:99.999Z',
  '2026-01-01',
  -0,
  1.5,
  1e308,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  { kind: 'agent', role: 'nobody' },
  { revision: '5n' },
  JSON.parse('{"__proto__":{"toString":1},"constructor":1}') as object,
  deep(200),
];

function without(data: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([each]) => each !== name));
}
