import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { startSampleAndLogs, type SampleAndLogs } from './sample-and-logs';
import { ServedCore } from './served-core';
import { HOSTILE_BODIES, HOSTILE_JSON, HOSTILE_URL_PARTS } from './hostile-values';

const LIMIT_MS = 300_000;
/** Of the random requests, on each store. */
const SEED = 14;
const RUNS = 400;

const SUBMIT = ['project', 'id', 'title', 'branch', 'startStage', 'priority', 'unknown'];
const OPERATE = ['reason', 'unknown'];
const OPERATIONS = ['hold', 'release', 'retry', 'cancel', 'explode', 'constructor', '%00'];
const QUERIES: readonly (readonly [path: string, ...names: string[]])[] = [
  ['/queue', 'project', 'stage', 'limit', 'cursor', 'at', 'unknown', '__proto__'],
  ['/v1/runs', 'task', 'unknown'],
  ['/v1/tasks/web.T1/events', 'limit', 'cursor', 'unknown'],
  ['/v1/tasks/web.T1/artifacts', 'limit', 'cursor', 'unknown'],
  ['/v1/alerts', 'state', 'project', 'limit', 'cursor'],
  ['/v1/flakes', 'project', 'limit', 'cursor'],
  ['/health/ready', 'unknown'],
];
const PATHS: readonly ((part: string) => string)[] = [
  (part) => `/${part}`,
  (part) => `/v1/tasks/${part}`,
  (part) => `/v1/tasks/${part}/why`,
  (part) => `/v1/tasks/${part}/events`,
  (part) => `/v1/runs/${part}`,
  (part) => `/v1/runs/${part}/log`,
];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

let submissions = 0;

function valid(fields: readonly string[]): Readonly<Record<string, string>> {
  if (fields !== SUBMIT) return { reason: '"why not"' };
  // Each of its own: one that is refused must not be taken for one that was there already.
  submissions += 1;
  return { project: '"web"', branch: '"feature"', id: `"H${submissions}"`, title: '"A title"' };
}

/** A body whose other members are right. */
function bodyWith(fields: readonly string[], name: string, json: string): string {
  const members = Object.entries({ ...valid(fields), [name]: json });
  return `{${members.map(([member, text]) => `"${member}":${text}`).join(',')}}`;
}

function* everyRequest(): Generator<Asked> {
  for (const part of HOSTILE_URL_PARTS) {
    for (const path of PATHS) yield { method: 'GET', path: path(part) };
    for (const [path, ...names] of QUERIES)
      for (const name of names) {
        yield { method: 'GET', path: `${path}?${name}=${part}` };
        yield { method: 'GET', path: `${path}?${name}[]=${part}&${name}[x]=1&${part}` };
      }
    for (const operation of OPERATIONS)
      yield { method: 'POST', path: `/v1/tasks/${part}/${operation}`, body: '{"reason":"ann"}' };
  }
  for (const body of HOSTILE_BODIES)
    for (const path of [
      '/v1/tasks',
      '/v1/tasks/web.T1/hold',
      '/v1/tasks/web.none/cancel',
      '/queue',
      '/v1/tasks/web.T1',
    ])
      yield { method: 'POST', path, body };
  for (const headers of HEADERS)
    for (const body of ['{"reason":"ann"}', '{}', '\u0000'])
      yield { method: 'POST', path: '/v1/tasks/web.T1/hold', body, headers };
  for (const json of HOSTILE_JSON) {
    for (const name of SUBMIT) yield { method: 'POST', path: '/v1/tasks', body: bodyWith(SUBMIT, name, json) };
    for (const name of OPERATE)
      for (const path of ['web.T1/hold', 'web.T1/release', 'web.T1/retry', 'web.T2/cancel'])
        yield { method: 'POST', path: `/v1/tasks/${path}`, body: bodyWith(OPERATE, name, json) };
  }
  for (const json of HOSTILE_JSON)
    yield { method: 'POST', path: '/v1/tasks/web.T1/priority', body: `{"priority":${json}}` };
  for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])
    for (const path of ['/v1/tasks', '/v1/tasks/web.T1', '/v1/tasks/web.T1/hold', '/queue', '/health/live'])
      yield { method, path };
}

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': 'application/json; charset=latin1' },
  { 'content-type': 'application/json; charset=nonsense' },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'nonsense' },
  { 'content-type': 'text/plain' },
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
);
const anyJson = fc.oneof(
  fc.constantFrom(...HOSTILE_JSON),
  anyText.map((text) => JSON.stringify(text)),
  fc.json(),
);
const anyPart = fc.oneof(
  fc.constantFrom(...HOSTILE_URL_PARTS),
  fc.string({ unit: 'binary', maxLength: 60 }).map(encodeURIComponent),
  fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 })
    .map((bytes) => bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
);
const anyFields = (fields: readonly string[]) =>
  fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fields) }, anyText), anyJson, { maxKeys: 4 }).map(
    (members) =>
      `{${Object.entries({ ...valid(fields), ...members })
        .map(([name, json]) => `${JSON.stringify(name)}:${json}`)
        .join(',')}}`,
  );
const anyRequest: fc.Arbitrary<Asked> = fc.oneof(
  fc.tuple(fc.constantFrom(...PATHS), anyPart).map(([path, part]) => ({ method: 'GET', path: path(part) })),
  fc.tuple(fc.constantFrom(...QUERIES), fc.nat(6), anyPart, anyPart).map(([[path, ...names], at, part, other]) => ({
    method: 'GET',
    path: `${path}?${names[at % names.length] ?? ''}=${part}&${other}`,
  })),
  anyFields(SUBMIT).map((body) => ({ method: 'POST', path: '/v1/tasks', body })),
  fc.tuple(anyPart, fc.constantFrom(...OPERATIONS), anyFields(OPERATE)).map(([part, operation, body]) => ({
    method: 'POST',
    path: `/v1/tasks/${part}/${operation}`,
    body,
  })),
);

let ground: SampleAndLogs;
beforeAll(async () => {
  ground = await startSampleAndLogs();
});
afterAll(() => ground.stop());

describe.each(['embedded', 'PostgreSQL'] as const)('on a store that is %s', (kind) => {
  let served: ServedCore;
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    served = await ground.serve(kind);
    for (const id of ['T1', 'T2']) {
      const body = JSON.stringify({ project: 'web', branch: 'feature', id });
      expect(await ask({ method: 'POST', path: '/v1/tasks', body })).toMatchObject({ status: 201 });
    }
  }, LIMIT_MS);
  afterAll(async () => {
    agent.destroy();
    await served.stop();
  });

  function ask({ method, path, headers = {}, body }: Asked): Promise<Answer> {
    const { hostname, port } = new URL(served.url);
    return new Promise((resolve, reject) => {
      const about =
        body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
      const asked = request({ hostname, port, method, path, agent, headers: { ...about, ...headers } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (more: string) => (text += more));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text });
        });
      });
      asked.on('error', reject).end(body);
    });
  }

  /** What is wrong with an answer; null when it is as it should be. */
  async function faultOf(asked: Asked): Promise<string | null> {
    const before = await served.events();
    const { status, type, text } = await ask(asked);
    const said = `${asked.method} ${asked.path.slice(0, 200)} ${String(asked.body ?? '').slice(0, 200)}: ${status} ${text.slice(0, 300)}`;
    if (status >= 500) return said;
    if (status < 400) return null;
    if ((await served.events()) !== before) return `stored: ${said}`;
    if (asked.method === 'HEAD') return null;
    if (type !== 'application/problem+json; charset=utf-8') return `no problem+json: ${said}`;
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' && /^[^\n]+$/.test(detail) ? null : `no line: ${said}`;
  }

  it.each([
    ['NUL', 'title', '"a\\u0000b"', 'body.title: expected what can be stored, saw what cannot: text with NUL'],
    [
      'half a pair',
      'title',
      '"\\ud800"',
      'body.title: expected what can be stored, saw what cannot: text with half a surrogate',
    ],
    ['minus zero', 'priority', '-0', 'body.priority: expected what can be stored, saw what cannot: -0'],
    ['65 levels', 'title', '['.repeat(65) + ']'.repeat(65), 'saw what cannot: more than 64 levels'],
    ['9,999 levels', 'title', '['.repeat(9_999) + ']'.repeat(9_999), 'saw what cannot: more than 64 levels'],
  ])('%s is refused at the door, by the name of its member', async (_, name, json, detail) => {
    const { status, text } = await ask({ method: 'POST', path: '/v1/tasks', body: bodyWith(SUBMIT, name, json) });
    expect([status, text]).toEqual([400, expect.stringContaining(detail)]);
  });

  it.each([
    ['/v1/tasks', 'title', '""', 'title: expected 1 to 200 characters'],
    ['/v1/tasks', 'title', JSON.stringify('x'.repeat(201)), 'title: expected 1 to 200 characters'],
    ['/v1/tasks/web.T1/hold', 'reason', '""', 'reason: expected 1 to 500 characters'],
    ['/v1/tasks/web.T1/hold', 'reason', JSON.stringify('x'.repeat(501)), 'reason: expected 1 to 500 characters'],
  ])('%s with a %s that does not fit is refused: %s', async (path, name, json, detail) => {
    const body = bodyWith(name === 'title' ? SUBMIT : OPERATE, name, json);
    const { status, text } = await ask({ method: 'POST', path, body });
    expect([status, text]).toEqual([400, expect.stringContaining(detail)]);
  });

  it.each([
    ['é in Latin-1', Buffer.from('{"reason":"\u00e9"}', 'latin1'), {}],
    ['half a character', Buffer.concat([Buffer.from('{"reason":"'), Buffer.from([0xc3]), Buffer.from('"}')]), {}],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from('{"reason":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
      {},
    ],
    ['UTF-16', Buffer.from('{"reason":"ann"}', 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }],
  ])('a body in bytes that are not UTF-8 is refused and not read as something else: %s', async (_, body, headers) => {
    const { status, text } = await ask({ method: 'POST', path: '/v1/tasks/web.T1/hold', body, headers });
    expect([status, text]).toEqual([expect.any(Number), expect.stringContaining('expected a body in UTF-8')]);
    expect([400, 415]).toContain(status);
  });

  it(
    'no request of the list is answered with 5xx, and one that is refused stores nothing',
    async () => {
      const faults: string[] = [];
      for (const asked of everyRequest()) {
        const fault = await faultOf(asked);
        if (fault !== null) faults.push(fault);
      }
      expect(faults).toEqual([]);
      expect(served.errors).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'nor is any other',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyRequest, async (asked) => {
          expect(await faultOf(asked)).toBeNull();
        }),
        { numRuns: RUNS, seed: SEED },
      );
      expect(served.errors).toEqual([]);
    },
    LIMIT_MS,
  );
});
