import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { publishedEvent, PUBLISHED_PREFIXES } from '../../../src/application/event-feed/published-event';
import type { StoredEvent } from '../../../src/application/ports/event-store';
import { canonicalJson, type JsonObject } from '../../../src/domain/json';
import { cloudEvent, typeInLog, type CloudEvent } from '../../../src/domain/published/cloud-event';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';

const FOLDER = resolve(__dirname, '../../fixtures/events');
const LOG = '0123456789abcdef';
/** CloudEvents 1.0, "Attribute Naming Convention", and the types that an attribute may have. */
const ATTRIBUTE = /^[a-z0-9]{1,20}$/;
const REQUIRED = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype'];

type Sample = Omit<StoredEvent, 'revision' | 'recordedAt' | 'position'> & { revision: string; recordedAt: string };

function sampleOf(name: string): StoredEvent {
  const { revision, recordedAt, ...sample } = JSON.parse(readFileSync(resolve(FOLDER, name), 'utf8')) as Sample;
  const position = { commit: 7n, prepare: 7n };
  return { ...sample, revision: BigInt(revision), recordedAt: new Date(recordedAt), position };
}

const samples = readdirSync(FOLDER).map((name) => [name, sampleOf(name)] as const);
const isTold = ({ stream }: StoredEvent) => PUBLISHED_PREFIXES.some((prefix) => stream.startsWith(prefix));
const told = samples.filter(([, stored]) => isTold(stored));

function eventOf(stored: StoredEvent): CloudEvent {
  const published = publishedEvent(stored, LOG, null);
  return JSON.parse(published?.json ?? 'null') as CloudEvent;
}

it('there are samples of both kinds', () => {
  expect(told.length).toBeGreaterThan(40);
  expect(told.length).toBeLessThan(samples.length);
});

it.each(told)('%s is a CloudEvent', (_name, stored) => {
  const event = eventOf(stored);
  const { data, ...attributes } = event;
  for (const [name, value] of Object.entries(attributes)) {
    expect(name).toMatch(ATTRIBUTE);
    expect(['string', 'number']).toContain(typeof value);
    if (typeof value === 'string') expect([name, value.length > 0]).toEqual([name, true]);
  }
  expect(Object.keys(attributes)).toEqual(expect.arrayContaining(REQUIRED));
  expect(event.specversion).toBe('1.0');
  expect(event.source).toBe(`urn:stagegate:${LOG}`);
  expect(typeInLog(event)).toBe(stored.type);
  expect(event.id).toBe(stored.id);
  expect(Date.parse(event.time)).not.toBeNaN();
  expect(data).toEqual(stored.data);
  expect(event.position).toBe('7/7');
  expect(event.revision).toBe(String(stored.revision));
});

it.each(told)('the chain of %s can be checked by what is told', (_name, stored) => {
  const { id, stream, revision, type, chain, data, ...event } = eventOf(stored);
  const { dataversion: v, time: at, actor, worker, correlation, causation = '', policy = null } = event;
  const meta = { v, at, actor, worker, correlation, causation, policy };
  const text = canonicalJson({ id, type: typeInLog({ type }), stream, revision, data, meta } as unknown as JsonObject);
  const previous = '5'.repeat(64);
  const stated = { ...stored.meta, chain: undefined } as unknown as JsonObject;
  const expected = canonicalJson({
    id: stored.id,
    type: stored.type,
    stream: stored.stream,
    revision: String(stored.revision),
    data: stored.data,
    meta: stated,
  });
  const hasher = new NodeHasher();
  expect(hasher.sha256('\u0002', previous, text)).toBe(hasher.sha256('\u0002', previous, expected));
  expect(chain).toBe(stored.meta['chain']);
});

it.each(samples.filter(([, stored]) => !isTold(stored)))('%s is not told outside', (_name, stored) => {
  expect(publishedEvent(stored, LOG, null)).toBeNull();
});

const [, sample] = told[0] ?? samples[0] ?? ['', null];
if (!sample) throw new Error('no samples');

it('an event of a later version is told without what it says', () => {
  const later = { ...sample, type: 'TaskTeleported', data: { secret: 'x' } };
  const event = eventOf(later);
  expect(typeInLog(event)).toBe('Unreadable');
  expect(event.data).toMatchObject({ stream: sample.stream, type: 'TaskTeleported' });
  expect(JSON.stringify(event)).not.toContain('secret');
});

it('of a damaged stream nothing is repeated from the damage on', () => {
  const damageAt = (revision: bigint) => ({ ...DAMAGE, stream: sample.stream, revision: String(revision) });
  const typeAt = (revision: bigint) => publishedEvent(sample, LOG, damageAt(revision))?.type;
  expect(typeAt(sample.revision)).toBe('Unreadable');
  expect(typeAt(sample.revision - 1n)).toBe('Unreadable');
  expect(typeAt(sample.revision + 1n)).toBe(sample.type);
});

const DAMAGE = { type: 'TaskHeld', reason: 'it was changed' };

it('what is about a project alone has the project for its subject', () => {
  const [, lane] = told.find(([name]) => name.startsWith('LaneGranted')) ?? ['', sample];
  expect(eventOf(lane)).toMatchObject({ subject: 'sim', project: 'sim', stream: 'lane-sim' });
});

it('what is unknown is left out, as attributes are never null', () => {
  const facts = { log: LOG, id: 'i', type: 'T', stream: 'task-a.b', revision: 0n, position: '1/1', project: 'a' };
  const none = { actor: '', worker: '', correlationId: '', causationId: '', policyDigest: null, chain: '' };
  const event = cloudEvent({
    ...facts,
    ...none,
    task: 'a.b',
    occurredAt: '2026-01-01T00:00:00.000Z',
    version: 1,
    data: {},
  });
  expect(Object.keys(event).sort()).toEqual(
    [...REQUIRED, 'project', 'stream', 'revision', 'position', 'dataversion', 'data'].sort(),
  );
});
