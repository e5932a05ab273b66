import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataOf, stagegateClient } from '../../../src/client';
import { startSampleAndLogs, type SampleAndLogs } from './sample-and-logs';
import { OPERATOR_TOKEN, ServedCore } from './served-core';

jest.setTimeout(180_000);

const PAGE = '<script>alert(1)</script>';
const REVIEW = '---\nreview_status: APPROVED\n---\nRead.\n';
const ID = 'web.T1';

let ground: SampleAndLogs;
beforeAll(async () => {
  ground = await startSampleAndLogs();
});
afterAll(() => ground.stop());

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

describe.each(['embedded', 'PostgreSQL'] as const)('on a store that is %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-artifacts-'));
  let served: ServedCore;
  let client: ReturnType<typeof stagegateClient>;

  beforeAll(async () => {
    const url = kind === 'embedded' ? null : ground.logs.url(await ground.logs.create());
    const more = { entryStages: ['review'] };
    served = await ServedCore.start(ground.sample.dir, url, {}, undefined, folder, more);
    client = stagegateClient({ url: served.url, token: OPERATOR_TOKEN });
    const body = { project: 'web', branch: 'feature', id: 'T1', startStage: 'review' } as const;
    await dataOf(client.POST('/v1/tasks', { body }));
    await say('unit', 'report.html', 'old');
    await say('lint', 'report.html', '0123456789');
    await say('unit', 'report.html', PAGE);
    const taken = await dataOf(client.POST('/v1/work', { body: { task: ID } }));
    const cited = { claim: taken.claim, secret: taken.secret, artifact: REVIEW };
    await dataOf(client.POST('/v1/work/{task}/complete', { params: { path: { task: ID } }, body: cited }));
  });
  afterAll(async () => {
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function say(name: string, file: string, text: string): Promise<void> {
    const body = { gate: 'check_ci_green', name, result: 'success', files: [{ name: file, text }] };
    await dataOf(client.POST('/v1/tasks/{id}/evidence', { params: { path: { id: ID } }, body }));
  }

  const list = (query: { limit?: string; cursor?: string } = {}) =>
    dataOf(client.GET('/v1/tasks/{id}/artifacts', { params: { path: { id: ID }, query } }));

  async function read(artifact: string, headers: Record<string, string> = {}, method = 'GET') {
    const answer = await fetch(`${served.url}/v1/tasks/${ID}/artifacts/${artifact}`, { headers, method });
    return { status: answer.status, text: await answer.text(), header: (name: string) => answer.headers.get(name) };
  }

  test('all that was written about a task is listed in its order, with who wrote it, and what is replaced', async () => {
    const { items, nextCursor } = await list();
    const file = (check: string, text: string, isCurrent: boolean) => ({
      ...{ name: 'report.html', mediaType: 'text/plain', sha256: digestOf(text), sizeBytes: text.length, isCurrent },
      ...{ stage: 'development', gate: 'check_ci_green', check, runId: null },
    });
    expect(items).toMatchObject([
      file('unit', 'old', false),
      file('lint', '0123456789', true),
      file('unit', PAGE, true),
      {
        ...{ name: '12-review.md', mediaType: 'text/markdown', sha256: digestOf(REVIEW), isCurrent: true },
        ...{ sizeBytes: REVIEW.length, stage: 'review', gate: null, check: null },
        runId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      },
    ]);
    expect(nextCursor).toBeNull();
    const revisions = items.map(({ revision }) => Number(revision));
    expect([...revisions].sort((a, b) => a - b)).toEqual(revisions);
  });

  test('pages of any size have each of them once', async () => {
    const all = (await list()).items;
    for (const limit of ['1', '2', '3', '500']) {
      const seen: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = await list({ limit, ...(cursor !== '' && { cursor }) });
        seen.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(all);
    }
  });

  test('a name means the newest content, a digest any, and no browser renders it', async () => {
    const answer = await read('report.html');
    expect([answer.status, answer.text]).toEqual([200, PAGE]);
    expect(answer.header('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.header('x-content-type-options')).toBe('nosniff');
    expect(answer.header('content-disposition')).toBe('attachment; filename="report.html"');
    expect(answer.header('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(answer.header('etag')).toBe(`"${digestOf(PAGE)}"`);
    expect((await read(digestOf('old'))).text).toBe('old');
  });

  test.each([
    [{ range: 'bytes=2-4' }, 206, '234', 'bytes 2-4/10'],
    [{ range: 'bytes=-2' }, 206, '89', 'bytes 8-9/10'],
    [{ range: 'bytes=10-' }, 416, null, 'bytes */10'],
    [{ range: 'bytes=2-4', 'if-range': `"${digestOf('0123456789')}"` }, 206, '234', 'bytes 2-4/10'],
    [{ range: 'bytes=2-4', 'if-range': `"${digestOf('old')}"` }, 200, '0123456789', null],
    [{ range: 'bytes=2-4', 'if-range': 'Tue, 01 Dec 2026 10:00:00 GMT' }, 200, '0123456789', null],
    [{ 'if-none-match': `"x", "${digestOf('0123456789')}"` }, 304, '', null],
    [{ 'if-none-match': '"x"' }, 200, '0123456789', null],
  ] as const)('%j is answered with %i', async (headers, status, text, range) => {
    const answer = await read(digestOf('0123456789'), headers);
    expect([answer.status, answer.header('content-range')]).toEqual([status, range]);
    if (text !== null) expect(answer.text).toBe(text);
  });

  test('HEAD says how much there is, and sends nothing', async () => {
    const answer = await read(digestOf('0123456789'), { range: 'bytes=0-1' }, 'HEAD');
    expect([answer.status, answer.text, answer.header('content-length')]).toEqual([200, '', '10']);
  });

  test('what there is not is told by its code', async () => {
    for (const [path, status, code] of [
      [`${ID}/artifacts/other.md`, 404, 'unknown-artifact'],
      [`${ID}/artifacts/${digestOf('never')}`, 404, 'unknown-artifact'],
      [`${ID}/artifacts/..%2F..%2Fevents.db`, 404, 'unknown-artifact'],
      ['web.none/artifacts', 404, 'unknown-task'],
      ['web.none/artifacts/report.html', 404, 'unknown-task'],
      [`${ID}/artifacts?cursor=x`, 400, 'invalid-cursor'],
      [`${ID}/artifacts?limit=0`, 422, 'invalid-limit'],
    ] as const) {
      const answer = await fetch(`${served.url}/v1/tasks/${path}`);
      expect([path, answer.status, await answer.json()]).toEqual([path, status, expect.objectContaining({ code })]);
    }
  });

  test('content that was changed is not sent: it is lost, unless the log has it', async () => {
    const digest = digestOf('old');
    writeFileSync(join(folder, 'artifacts', '.content', digest.slice(0, 2), digest), 'new');
    const answer = await read(digest);
    if (kind === 'PostgreSQL') expect([answer.status, answer.text]).toEqual([200, 'old']);
    else
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        410,
        expect.objectContaining({ code: 'artifact-lost' }),
      ]);
    expect((await fetch(`${served.url}/problems/artifact-lost`)).status).toBe(200);
  });

  test('what is gone is listed without a size, unless the log has it', async () => {
    rmSync(join(folder, 'artifacts'), { recursive: true });
    const { items } = await list();
    const sizes = ['old', '0123456789', PAGE, REVIEW].map(({ length }) => (kind === 'PostgreSQL' ? length : null));
    expect(items.map(({ sizeBytes }) => sizeBytes)).toEqual(sizes);
    expect((await read('12-review.md')).status).toBe(kind === 'PostgreSQL' ? 200 : 410);
  });
});
