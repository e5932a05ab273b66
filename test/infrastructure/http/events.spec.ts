import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { EventSource, type Frame } from '../../support/event-source';
import { SampleRepository } from '../../support/sample-repository';
import { numberOf, SwitchEvents } from '../../support/switch-events';
import { until as waitUntil } from '../../contract/support/until';
import { OPERATOR_TOKEN, ServedCore } from './served-core';

jest.setTimeout(60_000);

const HEARTBEAT_MS = 150;
const TAKEN_WITHIN_MS = 1_000;
const LIMITS = { heartbeatMs: HEARTBEAT_MS, takenWithinMs: TAKEN_WITHIN_MS, streams: 6, streamsPerToken: 2 };

const sample = new SampleRepository();
let served: ServedCore;
let log: SwitchEvents;
let opened: EventSource[] = [];

beforeAll(async () => {
  served = await ServedCore.start(sample.dir, null, LIMITS, null);
  log = new SwitchEvents(served.store);
  await log.append('web', 10);
});
afterEach(async () => {
  for (const source of opened) source.close();
  opened = [];
  await until(async () => (await EventSource.open(`${served.url}/v1/events?from=now`).then(closed)) === 200);
});
afterAll(async () => {
  await served.stop();
  sample.dispose();
});

function until(holds: () => boolean | Promise<boolean>, limitMs?: number): Promise<void> {
  return waitUntil(holds.toString(), holds, limitMs);
}

function closed(source: EventSource): number {
  source.close();
  return source.status;
}

async function open(query = '', headers: Record<string, string> = {}): Promise<EventSource> {
  const source = await EventSource.open(`${served.url}/v1/events${query}`, headers);
  opened.push(source);
  return source;
}

const numbers = (frames: readonly Frame[]) => frames.map(({ data = '' }) => numberOf(data));
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

interface Problem {
  readonly status: number;
  readonly code?: string;
  readonly items?: readonly object[];
  readonly next?: string;
  readonly isEnd?: boolean;
}

async function ask(query: string, headers: Record<string, string> = {}): Promise<Problem> {
  const answer = await fetch(`${served.url}/v1/events${query}`, {
    headers: { accept: 'application/json', ...headers },
  });
  return { ...((await answer.json()) as object), status: answer.status };
}

async function makeToken(name: string, projects?: readonly string[]): Promise<{ authorization: string }> {
  const answer = await fetch(`${served.url}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, scopes: ['read'], ...(projects && { projects }) }),
  });
  expect(answer.status).toBe(201);
  return { authorization: `Bearer ${((await answer.json()) as { token: string }).token}` };
}

describe('a stream', () => {
  it('tells all from the start, then what comes, each with its place', async () => {
    const source = (await open()).listen();
    expect(source.answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    await log.append('web', 5);
    await until(() => source.events.length >= log.count);
    expect(numbers(source.events)).toEqual(upTo(1, log.count));
    expect(source.frames[0]).toEqual({ retry: '3000' });
    for (const { id, event, data = '' } of source.events) {
      expect(event).toBe('SwitchSet');
      expect(JSON.parse(data)).toMatchObject({ type: 'dev.stagegate.SwitchSet', position: id, subject: 'web' });
    }
  });

  it('goes on behind the last id, which counts more than where it was to begin', async () => {
    const first = (await open()).listen();
    await until(() => first.events.length >= 4);
    const fourth = first.events[3]?.id ?? '';
    first.close();
    const second = (await open('?from=start', { 'last-event-id': fourth })).listen();
    await until(() => second.events.length >= log.count - 4);
    expect(numbers(second.events)).toEqual(upTo(5, log.count));
  });

  it('from now on tells what comes, and can be resumed before anything has', async () => {
    const source = (await open('?from=now')).listen();
    await until(() => source.lastId !== '');
    source.close();
    await log.append('web');
    const second = (await open('', { 'last-event-id': source.lastId })).listen();
    await until(() => second.events.length > 0);
    expect(numbers(second.events)).toEqual([log.count]);
  });

  it('shows that it lives, and tells how far it has got past what its filter leaves out', async () => {
    const source = (await open('?from=now&type=TaskLanded')).listen();
    await until(() => source.frames.some(({ comment }) => comment === 'heartbeat'));
    const before = source.lastId;
    await log.append('web', 3);
    await until(() => source.lastId !== before);
    expect(source.events).toEqual([]);
    expect((await ask(`?from=${source.lastId}`)).items).toEqual([]);
  });

  it('leaves out other projects and other types', async () => {
    await served.store.readAll({ prefixes: [''], limit: 1 });
    const other = new SwitchEvents(served.store, 'others');
    await other.append('idle', 2);
    const [web, idle] = [
      (await open('?project=web')).listen(),
      (await open('?project=web,idle&type=SwitchSet')).listen(),
    ];
    await until(() => web.events.length >= log.count && idle.events.length >= log.count + other.count);
    expect(numbers(web.events)).toEqual(upTo(1, log.count));
    expect(idle.events).toHaveLength(log.count + other.count);
  });

  it('of a token for one project tells of that project alone', async () => {
    const headers = await makeToken('web-only', ['web']);
    const scoped = (await open('?from=start', headers)).listen();
    await until(() => scoped.events.length >= log.count);
    await log.append('web');
    await until(() => scoped.events.length >= log.count);
    expect(numbers(scoped.events)).toEqual(upTo(1, log.count));
    expect(await ask('?project=idle', headers)).toMatchObject({ status: 404, code: 'unknown-project' });
    expect(await ask('?task=idle.T1', headers)).toMatchObject({ status: 404, code: 'unknown-task' });
    expect((await ask('?limit=500', headers)).items).toHaveLength(log.count);
  });

  it('ends when its token is revoked', async () => {
    const headers = await makeToken('gone-soon');
    const source = (await open('?from=now', headers)).listen();
    const other = (await open('?from=now')).listen();
    await until(() => source.lastId !== '' && other.lastId !== '');
    const began = Date.now();
    await fetch(`${served.url}/v1/tokens/gone-soon/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
      body: '{}',
    });
    await until(() => source.isOver);
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(other.isOver).toBe(false);
    expect(await ask('', headers)).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('is refused beyond so many, of one token and in all, and by when to ask again', async () => {
    const headers = await makeToken('eager');
    await open('?from=now', headers);
    await open('?from=now', headers);
    const third = await open('?from=now', headers);
    expect([third.status, third.answer.headers['retry-after']]).toEqual([429, '10']);
    while (opened.filter(({ status }) => status === 200).length < LIMITS.streams) await open('?from=now');
    expect((await open('?from=now')).status).toBe(429);
    expect((await ask('?limit=1')).status).toBe(200);
  });

  it('is only announced to HEAD', async () => {
    const asked = request(`${served.url}/v1/events`, { method: 'HEAD', agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});

it('a reader that stops reading is cut off, and resumes without loss', async () => {
  const large = new SwitchEvents(served.store, 'large');
  const { port, host } = new URL(served.url);
  const start = (await ask('?from=start&limit=500&project=web')).next ?? '';
  for (let turn = 0; turn < 20; turn += 1) await large.append('large', 4, 200_000);
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  let text = '';
  let mayPause = true;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (mayPause && text.length > 300_000) socket.pause();
  });
  socket.on('error', () => undefined);
  socket.write(`GET /v1/events?from=${start} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n\r\n`);
  await until(() => socket.isPaused());
  // Nothing is read any more until the other end has given up.
  await new Promise((resolve) => setTimeout(resolve, TAKEN_WITHIN_MS * 2));
  mayPause = false;
  socket.resume();
  await once(socket, 'close');
  const ids = [...text.matchAll(/^id: (\d+\/\d+)\nevent: SwitchSet\ndata: [^\n]*\n\n/gm)].map(([, id = '']) => id);
  expect(ids.length).toBeLessThan(large.count);
  const second = (await open('', { 'last-event-id': ids.at(-1) ?? start })).listen();
  await until(() => second.events.length >= large.count - ids.length, 20_000);
  expect(numbers(second.events)).toEqual(upTo(ids.length + 1, large.count));
});

describe('a page', () => {
  it('goes on where the one before has ended, to the end and beyond', async () => {
    const project = '&project=web';
    const first = await ask(`?limit=4${project}`);
    expect(first).toMatchObject({ status: 200, isEnd: false });
    const second = await ask(`?limit=500&from=${first.next ?? ''}${project}`);
    expect(second).toMatchObject({ isEnd: true });
    const seen = [...(first.items ?? []), ...(second.items ?? [])].map((item) => numberOf(JSON.stringify(item)));
    expect(seen).toEqual(upTo(1, log.count));
    const third = await ask(`?from=${second.next ?? ''}${project}`);
    expect(third).toMatchObject({ items: [], isEnd: true });
    await log.append('web');
    const fourth = await ask(`?from=${third.next ?? ''}${project}`);
    expect(fourth.items?.map((item) => numberOf(JSON.stringify(item)))).toEqual([log.count]);
  });

  it('ends early where its events are large', async () => {
    const { items = [], isEnd } = await ask('?limit=500&project=large');
    expect(JSON.stringify(items).length).toBeLessThan(3_000_000);
    expect(isEnd).toBe(false);
  });
});

it.each([
  ['?from=nonsense', 400, 'invalid-position'],
  ['?from=-1', 400, 'invalid-position'],
  ['?from=', 400, 'invalid-position'],
  ['?from=999999999/999999999', 410, 'position-gone'],
  ['?from=2/1', 410, 'position-gone'],
  ['?type=TaskLandet', 422, 'invalid-type'],
  ['?type=', 422, 'invalid-type'],
  [`?type=${upTo(1, 60).join()}`, 422, 'too-many-listed'],
  ['?project=nobody', 404, 'unknown-project'],
  ['?task=web.nobody', 404, 'unknown-task'],
  ['?limit=0', 422, 'invalid-limit'],
  ['?limit=501', 422, 'invalid-limit'],
  ['?types=x', 400, 'bad-request'],
] as const)('%s is answered with %i', async (query, status, code) => {
  expect(await ask(query)).toMatchObject({ status, code });
  expect(await ask(query, { accept: 'text/event-stream' })).toMatchObject({ status, code });
});

it('a last id that cannot be is refused before anything is sent', async () => {
  expect(await ask('', { accept: 'text/event-stream', 'last-event-id': 'x' })).toMatchObject({ status: 400 });
  expect(await ask('', { accept: 'text/event-stream', 'last-event-id': '99999999' })).toMatchObject({ status: 410 });
});

it('a reader who takes neither form gets none', async () => {
  expect(await ask('', { accept: 'text/html' })).toMatchObject({ status: 406, code: 'not-acceptable' });
});

it('stops at once with readers that listen and one that does not', async () => {
  const stopped = await ServedCore.start(sample.dir, null);
  await new SwitchEvents(stopped.store).append('web', 20, 40_000);
  const listening = (await EventSource.open(`${stopped.url}/v1/events`)).listen();
  await EventSource.open(`${stopped.url}/v1/events`);
  await until(() => listening.events.length === 20);
  const began = Date.now();
  await stopped.stop();
  expect(Date.now() - began).toBeLessThan(4_000);
  await until(() => listening.isOver);
});
