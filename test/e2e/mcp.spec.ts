import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { environment, runCli, startCli, startService, type RunningService } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(240_000);

const root = mkdtempSync(join(tmpdir(), 'stagegate-mcp-test-'));
const CLI = resolve(__dirname, '../../dist/cli.js');
const samples = { web: new SampleRepository(), shop: new SampleRepository() };
const file = join(root, 'stagegate.yml');
const projects = Object.fromEntries(
  Object.entries(samples).map(([key, { dir }]) => [
    key,
    { repo: dir, entryStages: ['review'], staging: { suite: 'true', minIsolation: 'none' } },
  ]),
);
writeFileSync(file, JSON.stringify({ version: 1, projects }));
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: file,
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
let service: RunningService;
let token: string;
const open: Client[] = [];

beforeAll(async () => {
  for (const sample of Object.values(samples)) sample.push('feature', { 'a.txt': 'a\n' }, 'main');
  samples.web.push('other', { 'b.txt': 'b\n' }, 'main');
  samples.web.push('again', { 'c.txt': 'c\n' }, 'main');
  service = await startService(env);
  const scopes = ['--scope', 'work', '--scope', 'submit', '--project', 'web'];
  token = (await runCli(['token', 'create', 'agent', ...scopes], env, root)).stdout.trim();
});
afterAll(async () => {
  for (const client of open) await client.close();
  await service.stop();
  for (const sample of Object.values(samples)) sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function connected(transport: StdioClientTransport | StreamableHTTPClientTransport): Promise<Client> {
  const client = new Client({ name: 'stock', version: '1.0.0' });
  open.push(client);
  await client.connect(transport);
  return client;
}

const overStdio = (as: string | null) => {
  const at = { STAGEGATE_SERVICE: service.url, STAGEGATE_STATE_DIR: join(root, 'elsewhere') };
  const own = environment({ ...at, ...(as !== null && { STAGEGATE_TOKEN: as }) });
  return connected(new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp'], env: own, cwd: root }));
};

async function servedOverHttp() {
  const face = startCli(['mcp', '--port', '0', '--json'], env, root);
  const [, url = ''] = await face.saw(/"url":"([^"]+)"/);
  return { face, url };
}

const overHttp = (url: string, as: string | null) => {
  const headers = as === null ? {} : { authorization: `Bearer ${as}` };
  return connected(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
};

interface Called {
  readonly isError: boolean;
  readonly text: string;
  readonly said: Readonly<Record<string, unknown>>;
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<Called> {
  const { isError = false, content, structuredContent } = await client.callTool({ name, arguments: args });
  const [first] = content as readonly { readonly text: string }[];
  return { isError, text: first?.text ?? '', said: (structuredContent ?? {}) as Called['said'] };
}

const APPROVED = '---\nreview_status: APPROVED\n---\nRead.\n';

async function carry(client: Client, branch: string): Promise<void> {
  const submitted = await call(client, 'submit_task', { project: 'web', id: branch, branch, startStage: 'review' });
  expect(submitted.said).toMatchObject({ id: `web.${branch}` });
  const { said: offered } = await call(client, 'list_work', { project: 'web', role: 'reviewer' });
  expect(offered['items']).toEqual([expect.objectContaining({ task: `web.${branch}` })]);
  const { said: taken } = await call(client, 'take_work', { task: `web.${branch}` });
  expect(JSON.stringify(taken['brief'])).toContain('review_status');
  const cited = { task: `web.${branch}`, claim: taken['claim'], secret: taken['secret'] };
  expect((await call(client, 'extend_work', cited)).said).toMatchObject({ claim: taken['claim'] });
  const done = await call(client, 'complete_work', { ...cited, artifact: APPROVED });
  expect(done.said).toMatchObject({ outcome: 'completed', verdict: 'APPROVED' });
  expect((await call(client, 'why', { id: `web.${branch}` })).text).toMatch(/tester/);
  expect((await call(client, 'show_task', { id: `web.${branch}` })).text).toContain('APPROVED');
  const { said: written } = await call(client, 'list_artifacts', { id: `web.${branch}` });
  expect(written['items']).toEqual([expect.objectContaining({ name: '12-review.md', isCurrent: true })]);
  const named = { id: `web.${branch}`, artifact: '12-review.md' };
  expect((await call(client, 'read_artifact', named)).text).toBe(APPROVED);
  const [head, tail] = [APPROVED.slice(0, 10), APPROVED.slice(10)];
  const rest = await call(client, 'read_artifact', { ...named, from: head.length });
  expect(rest.text).toBe(`[bytes 10 to ${APPROVED.length - 1} of ${APPROVED.length}]\n${tail}`);
  expect(await call(client, 'read_artifact', { ...named, from: 9_999 })).toMatchObject({ isError: true });
}

test('a stock client lists the tools, and carries a task from its brief to a verdict, on stdin and stdout', async () => {
  const client = await overStdio(token);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'why',
      'list_work',
      'submit_task',
      'take_work',
      'extend_work',
      'complete_work',
      'fail_work',
    ]),
  );
  for (const { description, inputSchema } of tools) {
    expect(description).toMatch(/\.$/);
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(JSON.stringify(inputSchema)).not.toContain('$ref');
  }
  await carry(client, 'feature');
});

test('the same over streamable HTTP, as whom each call says', async () => {
  const { face, url } = await servedOverHttp();
  await carry(await overHttp(url, token), 'other');
  const nobody = await overHttp(url, null);
  expect((await call(nobody, 'list_tasks', { project: 'web' })).text).toMatch(/web\.feature[^]*web\.other/);
  const refused = await call(nobody, 'submit_task', { project: 'web', branch: 'feature' });
  expect(refused).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^unauthenticated: expected /) as string,
  });
  face.child.kill('SIGTERM');
  expect((await face.ended).code).toBe(0);
});

test('a token can do by tools what it can do by REST, and no more', async () => {
  const client = await overStdio(token);
  const elsewhere = await call(client, 'submit_task', { project: 'shop', branch: 'feature', startStage: 'review' });
  expect(elsewhere).toMatchObject({
    isError: true,
    text: 'unknown-project: project: expected one of web, saw "shop"',
  });
  const nobody = await overStdio(null);
  expect((await call(nobody, 'take_work', { role: 'reviewer' })).text).toMatch(/^unauthenticated: /);
});

test('who takes over a task that was sent back finds in the brief what it was sent back for', async () => {
  const client = await overStdio(token);
  await call(client, 'submit_task', { project: 'web', id: 'again', branch: 'again', startStage: 'review' });
  const cited = async (role: string) => {
    const { said } = await call(client, 'take_work', { task: 'web.again' });
    expect(said).toMatchObject({ role });
    return {
      brief: JSON.stringify(said['brief']),
      claim: { task: 'web.again', claim: said['claim'], secret: said['secret'] },
    };
  };
  const review = await cited('reviewer');
  const artifact = '---\nreview_status: REQUEST_CHANGES\n---\nThe lock is never let go.\n';
  const { said } = await call(client, 'complete_work', { ...review.claim, artifact });
  expect(said).toMatchObject({ verdict: 'REQUEST_CHANGES' });
  const repair = await cited('developer');
  expect(repair.brief).toContain('The lock is never let go.');
  const given = await call(client, 'release_work', { ...repair.claim, reason: 'for somebody else' });
  expect(given.said).toMatchObject({ outcome: 'released', reason: 'for somebody else' });
});

test('what is wrong is said in the words of the service, and changes nothing', async () => {
  const client = await overStdio(token);
  expect(await call(client, 'why', { id: 'web.none' })).toMatchObject({
    isError: true,
    text: 'unknown-task: web.none: no such task',
  });
  await expect(call(client, 'why', { id: 7 })).resolves.toMatchObject({ isError: true });
  await expect(call(client, 'why', { id: 'web.feature', more: 1 })).resolves.toMatchObject({ isError: true });
  await expect(call(client, 'land_task', {})).rejects.toThrow(/land_task/);
});

test('pages of a browser, other paths and bodies that are too large do not reach the tools', async () => {
  const { face, url } = await servedOverHttp();
  const ask = async (headers: Record<string, string>, at = url, body = '{}') =>
    (await fetch(at, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })).status;
  expect(await ask({ origin: 'https://evil.example' })).toBe(403);
  expect(await ask({}, new URL('/', url).href)).toBe(404);
  expect(await ask({}, url, 'x'.repeat(1_200_000))).toBe(413);
  face.child.kill('SIGTERM');
  await face.ended;
});

test.each([
  [['mcp'], {}, /expected a running service, saw none/],
  [['mcp', '--port', 'x'], {}, /--port: expected a number from 0 to 65535, saw "x"/],
  [['mcp', '--port', '70000'], {}, /saw "70000"/],
  [['mcp'], { STAGEGATE_SERVICE: 'http://127.0.0.1:1' }, /expected \/openapi.json, saw none/],
])('%j with %j ends with a line', async (args, more, line) => {
  const told = await runCli(args, { STAGEGATE_STATE_DIR: join(root, 'nowhere'), ...more }, root);
  expect([told.code, told.stdout, told.stderr]).toEqual([2, '', expect.stringMatching(line)]);
});
