import { startSampleAndLogs, type SampleAndLogs } from './sample-and-logs';
import { ServedCore } from './served-core';

jest.setTimeout(180_000);

interface Page {
  readonly items: readonly { readonly id: string; readonly project: string }[];
  readonly nextCursor: string | null;
}

let ground: SampleAndLogs;
beforeAll(async () => {
  ground = await startSampleAndLogs();
});
afterAll(() => ground.stop());

describe.each(['embedded', 'PostgreSQL'] as const)('on a store that is %s', (kind) => {
  let served: ServedCore;
  const ids = ['A', 'B', 'C', 'a', 'b-1', 'b_1', 'z'].map((id) => `web.${id}`);

  beforeAll(async () => {
    served = await ground.serve(kind);
    for (const id of ids) await post('/v1/tasks', { project: 'web', branch: 'feature', id: id.slice(4) });
    await post('/v1/tasks/web.B/cancel', {});
    await post('/v1/tasks/web.C/hold', {});
  });
  afterAll(() => served.stop());

  async function post(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(served.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.ok).toBe(true);
  }
  const get = (path: string) => fetch(served.url + path);
  const page = async (path: string) => (await (await get(path)).json()) as Page;
  const idsOf = ({ items }: Page) => items.map(({ id }) => id);

  it('tasks come by their ids, each once, whatever the size of pages', async () => {
    for (const limit of [1, 2, 3, 500]) {
      const seen: string[] = [];
      for (let path: string | null = `/v1/tasks?limit=${limit}`; path !== null;) {
        const answer = await get(path);
        seen.push(...idsOf((await answer.json()) as Page));
        path = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
      }
      expect(seen).toEqual([...ids].sort());
    }
  });

  it('tasks are filtered by project, stage and status', async () => {
    expect(idsOf(await page('/v1/tasks?stage=cancelled'))).toEqual(['web.B']);
    expect(idsOf(await page('/v1/tasks?status=held&project=web'))).toEqual(['web.C']);
    expect(idsOf(await page('/v1/tasks?stage=done'))).toEqual([]);
  });

  it('a page with a filter goes on behind what it shows', async () => {
    const path = '/v1/tasks?status=held&limit=2';
    for (const id of ['a', 'b_1']) await post(`/v1/tasks/web.${id}/hold`, {});
    const first = await page(path);
    const second = await page(`${path}&cursor=${first.nextCursor ?? ''}`);
    expect([idsOf(first), idsOf(second), second.nextCursor]).toEqual([['web.C', 'web.a'], ['web.b_1'], null]);
  });

  it.each([
    ['/v1/tasks?project=web'],
    ['/v1/runs?'],
    ['/v1/alerts?'],
    ['/v1/flakes?'],
    ['/v1/tokens?'],
    ['/v1/deliveries?'],
    ['/v1/tasks/web.A/events?'],
    ['/v1/tasks/web.A/artifacts?'],
    ['/queue?'],
  ])('a cursor of another list is refused by %s', async (path) => {
    const { nextCursor } = await page('/v1/tasks?limit=1');
    for (const cursor of [nextCursor ?? '', 'x', '', 'W10', 'bnVsbA']) {
      const answer = await get(`${path}&cursor=${cursor}`);
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: 'invalid-cursor' })]);
    }
  });

  it.each([
    ['/v1/tasks?limit=0', 'invalid-limit'],
    ['/v1/runs?limit=501', 'invalid-limit'],
    ['/v1/tasks?stage=nowhere', 'unknown-stage'],
    ['/v1/tasks?project=other', 'unknown-project'],
    ['/v1/tasks?other=1', 'bad-request'],
    ['/v1/projects/other', 'unknown-project'],
  ])('%s is refused as %s', async (path, code) => {
    expect(await (await get(path)).json()).toMatchObject({ code });
  });

  it('projects are those of the project file', async () => {
    const one = {
      project: 'web',
      repository: ground.sample.dir,
      main: 'main',
      entryStages: ['created', 'deploy-staging'],
      setAside: null,
    };
    expect(await page('/v1/projects')).toMatchObject({ items: [one], nextCursor: null });
    expect(await (await get('/v1/projects/web')).json()).toMatchObject(one);
  });
});
