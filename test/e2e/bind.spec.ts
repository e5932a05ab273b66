import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, startCli, startService } from '../support/cli';
import { orderHeaders } from '../support/operator';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-bind-'));
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
writeFileSync(
  env.STAGEGATE_PROJECTS,
  JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, staging: { suite: 'true' } } } }),
);
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function ask(url: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  const asked = request(new URL(path, url), { headers });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

it.each([
  ['STAGEGATE_HOST', '0.0.0.0'],
  ['STAGEGATE_HOST', '::'],
  ['STAGEGATE_TRUSTED_PROXIES', '127.0.0.1'],
])('nobody else comes in before there is a token: %s=%s', async (name, value) => {
  const { code, stderr, stdout } = await runCli(['up'], { ...env, [name]: value }, root);
  const line = `stagegate: ${name}: expected a live token before others may come in, saw ${value} and none; make one with stagegate token create NAME --scope read, or unset it\n`;
  expect([code, stdout, stderr]).toEqual([2, '', line]);
});

it('an address that the machine does not have is named', async () => {
  const { code, stderr } = await runCli(['up'], { ...env, STAGEGATE_HOST: '203.0.113.7' }, root);
  expect([code, stderr]).toEqual([
    2,
    'stagegate: STAGEGATE_HOST: expected an address of this machine, saw 203.0.113.7; name one that it has\n',
  ]);
});

it('a service that others reach shows nothing without a token, and is found by its own user as before', async () => {
  const made = await runCli(['token', 'create', 'dashboard', '--scope', 'read', '--json'], env, root);
  const { token } = JSON.parse(made.stdout) as { token: string };
  const service = await startService({ ...env, STAGEGATE_HOST: '0.0.0.0', STAGEGATE_HOST_NAMES: 'gate.example' });
  try {
    const { url } = service;
    const { port } = new URL(url);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const reading = { authorization: `Bearer ${token}` };
    const statusOf = async (path: string, headers = {}) => (await ask(url, path, headers)).status;
    expect(await statusOf('/queue')).toBe(401);
    expect(await statusOf('/queue', reading)).toBe(200);
    expect(await statusOf('/health/live')).toBe(200);
    expect(await statusOf('/health/ready')).toBe(200);
    // An address is nobody's name; a name has to be known.
    const as = (host: string) => statusOf('/queue', { ...reading, host });
    for (const host of [`10.1.2.3:${port}`, `[fd00::1]:${port}`, '10.1.2.3', `gate.example:${port}`, 'GATE.example'])
      expect([host, await as(host)]).toEqual([host, 200]);
    for (const host of ['evil.example', `gate.example.evil:${port}`, 'gate.example@evil', '10.1.2.3.evil'])
      expect([host, await as(host)]).toEqual([host, 403]);
    const page = (origin: string) => statusOf('/queue', { ...reading, host: 'gate.example', origin });
    expect(await page('https://gate.example')).toBe(200);
    expect(await page('https://evil.example')).toBe(403);
    expect((await runCli(['queue', '--json'], env, root)).code).toBe(0);
    const named = { ...env, STAGEGATE_STATE_DIR: join(root, 'elsewhere'), STAGEGATE_SERVICE: url };
    expect((await runCli(['queue'], { ...named, STAGEGATE_TOKEN: token }, root)).code).toBe(0);
    const nobody = await runCli(['queue'], named, root);
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('expected Authorization: Bearer')]);
  } finally {
    await service.stop();
  }
});

it('tools over HTTP show nothing to whoever has come by a proxy, or asks a service that others reach', async () => {
  const open = await startService(env);
  const tools = startCli(['mcp', '--port', '0', '--json'], env, root);
  const [, face = ''] = await tools.saw(/"url":"([^"]+)"/);
  const call = async (headers: Readonly<Record<string, string>>) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_tasks', arguments: {} } };
    const all = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    return (await fetch(face, { method: 'POST', headers: all, body: JSON.stringify(body) })).text();
  };
  try {
    expect(await call({})).toContain('staging_runner');
    expect(await call({ 'x-forwarded-for': '10.0.0.7' })).toContain('unauthenticated: ');
    const own = orderHeaders(env.STAGEGATE_STATE_DIR, open.url)['authorization'] ?? '';
    expect(await call({ 'x-forwarded-for': '10.0.0.7', authorization: own })).toContain('staging_runner');
  } finally {
    tools.child.kill('SIGTERM');
    await tools.ended;
    await open.stop();
  }
});
