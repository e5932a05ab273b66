import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOOK_SOURCES } from '../../../src/domain/hooks/hook-sources';
import { HOOK_TABLE, hookRow } from '../../../src/domain/hooks/hook-table';
import { HOOK_SECRETS, post, sendHook, signedHeaders, type HookAnswer, type Sent } from '../../support/signed-hooks';
import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), 'stagegate-hooks-'));
const fileOf = (name: string) => join(folder, name);
const sample = new SampleRepository();
const hooks = Object.fromEntries(HOOK_SOURCES.map((source) => [source, { secrets: [{ file: fileOf(source) }] }]));
let postgres: PostgresLogs;
let served: ServedCore;
let other: ServedCore;

beforeAll(async () => {
  for (const source of HOOK_SOURCES) writeFileSync(fileOf(source), `${HOOK_SECRETS[source]}\n`);
  writeFileSync(fileOf('old'), 'the secret before it');
  const more = { hooks, ci: { requiredChecks: ['build'] } };
  postgres = await startPostgresLogs();
  const rotated = { github: { secrets: [{ file: fileOf('github') }, { file: fileOf('old') }] } };
  served = await ServedCore.start(sample.dir, null, {}, undefined, undefined, more);
  other = await ServedCore.start(sample.dir, postgres.url(await postgres.create()), {}, undefined, undefined, {
    hooks: { ...hooks, ...rotated },
  });
});
afterAll(async () => {
  await served.stop();
  await other.stop();
  await postgres.stop();
  sample.dispose();
  rmSync(folder, { recursive: true });
});

let ids = 0;
const idOf = () => `delivery-${(ids += 1)}`;
const push = (more: Partial<Sent> = {}): Sent => ({
  source: 'github',
  id: idOf(),
  event: 'push',
  body: JSON.stringify({ ref: 'refs/heads/feature', after: String(ids) }),
  ...more,
});
const send = (sent: Sent, on = served) => sendHook(on.url, sent);
const hooksIn = async (on: ServedCore) => (await on.log()).filter(({ type }) => type === 'WebhookReceived');

/** What has come into the log meanwhile. */
async function added(work: () => Promise<unknown>, on = served): Promise<readonly string[]> {
  const before = (await on.log()).length;
  await work();
  return (await on.log()).slice(before).map(({ stream }) => stream);
}

describe.each([
  ['SQLite', () => served],
  ['PostgreSQL', () => other],
])('on %s', (_, on) => {
  it('a delivery is recorded once, whatever comes again', async () => {
    const sent = push();
    const streams = await added(async () => {
      expect(await send(sent, on())).toMatchObject({
        status: 202,
        body: { meaning: 'look', duplicate: false, replayed: false },
      });
      expect(await send(sent, on())).toMatchObject({ status: 200, body: { duplicate: true } });
      const changed = { ...sent, body: `${String(sent.body)} ` };
      expect(await send(changed, on())).toMatchObject({ status: 200, body: { duplicate: true } });
    }, on());
    expect(streams).toEqual([`webhook-web.github.${sent.id}`]);
  });

  it('what was signed is recorded once, under whatever id it is replayed', async () => {
    const sent = push();
    const streams = await added(async () => {
      await send(sent, on());
      for (let count = 0; count < 100; count += 1)
        expect(await send({ ...sent, id: idOf() }, on())).toMatchObject({ status: 202, body: { replayed: true } });
    }, on());
    expect(streams).toHaveLength(1);
  });

  it('of twenty that come at once one is recorded, and all are taken', async () => {
    const sent = push();
    const streams = await added(async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => send(sent, on())));
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 202]);
    }, on());
    expect(streams).toHaveLength(1);
  });
});

it('the same text twice is two messages where its time is signed', async () => {
  const body = JSON.stringify({ type: 'push', data: {} });
  const streams = await added(async () => {
    for (const id of ['msg_1', 'msg_2'])
      expect(await send({ source: 'generic', id, event: '', body })).toMatchObject({ status: 202 });
  });
  expect(streams).toHaveLength(2);
});

describe('who has not signed', () => {
  const valid = push();
  const headers = signedHeaders(valid);
  const url = (path: string) => `${served.url}/v1/hooks/${path}`;

  it('gets the same answer, whatever is wrong', async () => {
    const body = String(valid.body);
    const json = { 'content-type': 'application/json' };
    const wrong = { ...json, ...headers, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
    const asked: Record<string, Promise<HookAnswer>> = {
      'no signature': post(url('web/github'), json, body),
      'a wrong one': post(url('web/github'), wrong, body),
      'one changed byte': post(url('web/github'), headers, body.replace('feature', 'featurf')),
      'an unknown project': post(url('none/github'), { ...json, ...headers }, body),
      'no project key': post(url('WEB/github'), { ...json, ...headers }, body),
      'a broken escape': post(url('%zz/github'), { ...json, ...headers }, body),
      'an unknown source': post(url('web/gitlab'), { ...json, ...headers }, body),
      'another source': post(url('web/gitea'), { ...json, ...headers }, body),
      'a path below': post(url('web/github/x'), { ...json, ...headers }, body),
      'nothing at all': post(url(''), json, body),
      'no JSON': post(url('web/github'), json, '{'),
      'no UTF-8': post(url('web/github'), json, Buffer.from([0xff, 0xfe])),
      NUL: post(url('web/github'), json, '{"a":"\\u0000"}'),
      'half a character': post(url('web/github'), json, '"\\ud800"'),
      'deep nesting': post(url('web/github'), json, '['.repeat(100_000)),
      'no body': post(url('web/github'), wrong, ''),
      'a form': post(url('web/github'), { 'content-type': 'application/x-www-form-urlencoded' }, 'payload=%7B%7D'),
      'plain text': post(url('web/github'), { 'content-type': 'text/plain' }, 'hello'),
      'no type': post(url('web/github'), {}, 'hello'),
      'another charset': post(url('web/github'), { 'content-type': 'application/json; charset=utf-16' }, '{}'),
      'something like a token': post(url('web/github'), json, `{"a":"sgt_${'a'.repeat(64)}"}`),
      'a page of another origin': post(url('web/github'), { ...json, origin: 'https://evil.example' }, '{}'),
      'a query': post(url('web/github?a=1'), json, '{}'),
      'a bearer token': post(url('web/github'), { ...json, authorization: `Bearer sgt_${'0'.repeat(63)}1` }, '{}'),
    };
    const streams = await added(async () => {
      const answers = new Set<string>();
      for (const [what, answer] of Object.entries(asked)) {
        expect([what, (await answer).status]).toEqual([what, 401]);
        answers.add((await answer).text);
      }
      expect([...answers]).toEqual([expect.stringContaining('"code":"unsigned"')]);
    });
    expect(streams).toEqual([]);
  });

  it('does not make the service read more than a mebibyte', async () => {
    for (const path of ['web/github', 'none/github'])
      expect(await post(url(path), { 'content-type': 'application/json' }, Buffer.alloc(2 << 20, 32))).toMatchObject({
        status: 413,
      });
    const large = push({ body: JSON.stringify({ pad: 'x'.repeat((1 << 20) - 100) }) });
    expect(await send(large)).toMatchObject({ status: 202 });
  });

  it('does not make it wait for longer than anybody else may', async () => {
    const slow = await ServedCore.start(
      sample.dir,
      null,
      { headersWithinMs: 300, requestWithinMs: 300, lookEveryMs: 50 },
      undefined,
      undefined,
      {
        hooks,
      },
    );
    const answer = await new Promise<string>((resolve) => {
      const { port } = new URL(slow.url);
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('data', (bytes) => {
        resolve(bytes.toString());
        socket.destroy();
      });
      socket.write('POST /v1/hooks/web/github HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
    });
    await slow.stop();
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('what is signed', () => {
  it('is read as it was sent, from behind a proxy too', async () => {
    const host = { host: 'stagegate.example.org' };
    expect(await send(push({ headers: host }))).toMatchObject({ status: 202, body: { meaning: 'look' } });
    const form = `payload=${encodeURIComponent(JSON.stringify({ ref: 'x', id: idOf() }))}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await send(push({ body: form, headers: type }))).toMatchObject({ status: 202, body: { meaning: 'look' } });
  });

  it.each([
    ['no JSON', { body: '{' }],
    ['nothing', { body: '' }],
    ['no UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]) }],
    ['a form without a payload', { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['no id', { id: '' }],
    ['an id that is none', { id: 'a/../b' }],
    ['an id that is too long', { id: 'x'.repeat(101) }],
  ])('is refused with a reason for %s', async (_, more: Partial<Sent>) => {
    const streams = await added(async () => {
      expect(await send(push(more))).toMatchObject({ status: 422, body: { code: 'invalid-delivery' } });
    });
    expect(streams).toEqual([]);
  });

  it.each([
    ['NUL', '{"ref":"\\u0000","context":"\\u0000"}'],
    ['half a character', '{"ref":"\\ud800"}'],
    ['a prototype', '{"__proto__":{"context":"build"},"constructor":{"prototype":{}}}'],
    ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['numbers beyond all bounds', '{"a":1e999,"b":-0,"c":12345678901234567890}'],
    ['a list', '[1]'],
    ['null', 'null'],
  ])('does no harm with %s in it', async (_, body) => {
    for (const event of ['push', 'status', 'check_run'])
      expect(await send(push({ body: `${body}${' '.repeat(ids)}`, event }))).toMatchObject({
        status: 202,
        body: { meaning: 'look' },
      });
    expect(served.errors).toEqual([]);
  });

  it('may be signed with the secret before it while both are there, and a rotation needs no restart', async () => {
    expect(await send(push({ secret: 'the secret before it' }), other)).toMatchObject({ status: 202 });
    expect(await send(push(), other)).toMatchObject({ status: 202 });
    writeFileSync(fileOf('old'), 'a secret that is new');
    const until = Date.now() + 10_000;
    let status = 0;
    while (status !== 202 && Date.now() < until)
      ({ status } = await send(push({ secret: 'a secret that is new' }), other));
    expect(status).toBe(202);
    expect(await send(push({ secret: 'the secret before it' }), other)).toMatchObject({ status: 401 });
    expect(await send(push(), other)).toMatchObject({ status: 202 });
  });

  it('comes too late after five minutes, where its time is signed', async () => {
    const sent = { source: 'generic', id: idOf(), event: '', body: '{"type":"push"}' } as const;
    const now = Math.floor(Date.now() / 1000);
    for (const timestamp of [now - 400, now + 400])
      expect(await send({ ...sent, timestamp })).toMatchObject({ status: 401 });
    expect(await send({ ...sent, timestamp: now - 200 })).toMatchObject({ status: 202 });
  });

  it('is a duplicate when its sender signs it anew to try again, and nothing when somebody has kept it too long', async () => {
    const now = Math.floor(Date.now() / 1000);
    const sent = { source: 'generic', id: idOf(), event: '', body: '{"type":"push","of":"a retry"}' } as const;
    const streams = await added(async () => {
      expect(await send({ ...sent, timestamp: now - 250 })).toMatchObject({ status: 202 });
      expect(await send({ ...sent, timestamp: now })).toMatchObject({ status: 200, body: { duplicate: true } });
      expect(await send({ ...sent, timestamp: now - 250 })).toMatchObject({ status: 200 });
      expect(await send({ ...sent, id: idOf(), timestamp: now - 86_400 })).toMatchObject({ status: 401 });
    });
    expect(streams).toHaveLength(1);
  });
});

describe('a check that the project requires', () => {
  const run = (head: string, conclusion: string, more: object = {}) =>
    JSON.stringify({ check_run: { name: 'build', status: 'completed', conclusion, head_sha: head, ...more } });
  const check = (body: string, id = idOf()) => send(push({ event: 'check_run', id, body }));
  const told = async () => {
    const found = (await served.log()).filter(({ type }) => type === 'EvidenceRecorded');
    return found.map(({ data }) => data as { subjectOid: string; evidence: Record<string, unknown> });
  };
  const until = async (count: number) => {
    const end = Date.now() + 20_000;
    while ((await told()).length < count && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    return told();
  };

  it('is evidence for the exact head, named by its delivery, once', async () => {
    const head = sample.push('checked', { 'a.txt': 'a\n' }, 'main');
    const task = { project: 'web', id: 'T1', branch: 'checked' };
    const json = { 'content-type': 'application/json' };
    expect(await post(`${served.url}/v1/tasks`, json, JSON.stringify(task))).toMatchObject({ status: 201 });
    served.follow();
    const id = idOf();
    expect(await check(run(head, 'success'), id)).toMatchObject({ status: 202, body: { meaning: 'evidence' } });
    const [first] = await until(1);
    expect(first).toMatchObject({
      subjectOid: head,
      evidence: { name: 'build', result: 'success', by: 'hook:web/github', delivery: { source: 'github', id } },
    });
    // Neither another commit, nor another check, nor the same again is any.
    await check(run('b'.repeat(40), 'success'));
    expect(await check(run(head, 'success', { name: 'lint' }))).toMatchObject({ body: { meaning: 'look' } });
    await check(run(head, 'success'), id);
    await check(run(head, 'success'));
    await check(run(head, 'failure'));
    expect((await until(2)).map(({ evidence }) => evidence['result'])).toEqual(['success', 'failure']);
    await check(run(head, 'success'));
    expect(await check(run(head, 'cancelled'))).toMatchObject({ status: 202 });
    expect((await until(3)).map(({ evidence }) => evidence['result'])).toEqual(['success', 'failure', 'cancelled']);
    expect(served.errors).toEqual([]);
  });
});

interface Example {
  readonly name: string;
  readonly examples: readonly object[];
}

/** Of the package, read as a file: its types are of no use here. */
function published(): readonly { readonly event: string; readonly body: string }[] {
  const path = require.resolve('@octokit/webhooks-examples/api.github.com/index.json');
  const all = jest.requireActual<readonly Example[]>(path);
  const bodies = all.flatMap(({ name, examples }) =>
    examples.map((one) => ({ event: name, body: JSON.stringify(one) })),
  );
  // Some stand there twice.
  return [...new Map(bodies.map((one) => [one.body, one])).values()];
}

it('every published payload of GitHub changes what the table says, in whatever order and however often it comes', async () => {
  const all = published().map((one) => ({ ...one, source: 'github' as const, id: idOf() }));
  expect(all.length).toBeGreaterThan(200);
  expect(HOOK_TABLE.filter(({ source }) => source === 'github').map(({ event }) => event)).toEqual(
    expect.arrayContaining([...new Set(all.map(({ event }) => event).filter((event) => hookRow('github', event)))]),
  );
  const thrice = [...all, ...all, ...all].map((one, index) => ({ one, turn: (index * 7_919) % 10_007 }));
  const before = (await hooksIn(served)).length;
  for (const { one } of thrice.sort((a, b) => a.turn - b.turn)) {
    const { status, body } = await send(one);
    expect([one.event, status === 200 || status === 202, body['meaning'] === 'acknowledged']).toEqual([
      one.event,
      true,
      hookRow('github', one.event) === null,
    ]);
  }
  const recorded = (await hooksIn(served)).slice(before).map(({ data }) => data['delivery']);
  const meant = all.filter(({ event }) => hookRow('github', event) !== null).map(({ id }) => id);
  expect(meant.length).toBeGreaterThan(40);
  expect([...recorded].sort()).toEqual([...meant].sort());
  expect(served.errors).toEqual([]);
});
