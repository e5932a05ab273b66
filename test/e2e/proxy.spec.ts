import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { textOf } from '../docs/pages';
import { runCli, startService, type RunningService } from '../support/cli';
import { freePort } from '../support/free-port';
import { NO_NGINX, PrivateNginx } from '../support/private-nginx';
import { SampleRepository } from '../support/sample-repository';
import { testWherePossible } from '../support/test-where-possible';

jest.setTimeout(120_000);

const NAME = 'gate.example.org';
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-proxy-'));
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
let token: string;
let service: RunningService;
let nginx: PrivateNginx;
let port: number;

beforeAll(async () => {
  if (NO_NGINX !== null) return;
  const projects = { web: { repo: sample.dir, staging: { suite: 'true' } } };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects }));
  token = (await runCli(['token', 'create', 'reader', '--scope', 'read'], env, root)).stdout.trim();
  service = await startService({ ...env, STAGEGATE_HOST_NAMES: NAME, STAGEGATE_TRUSTED_PROXIES: '127.0.0.1' });
  port = await freePort();
  // The example as the page has it, but for the places of this machine.
  const [, example = ''] = /<!-- nginx -->\n```nginx\n(.*?)```/s.exec(textOf('docs/security.md')) ?? [];
  nginx = await PrivateNginx.start([NAME, 'localhost'], (certificate, key) =>
    example
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replace('/etc/ssl/gate.pem', certificate)
      .replace('/etc/ssl/gate.key', key)
      .replace('http://127.0.0.1:7420', service.url),
  );
});
afterAll(async () => {
  if (NO_NGINX === null) {
    await nginx.stop();
    await service.stop();
  }
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function asked(path: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  const at = { host: '127.0.0.1', port, path, servername: NAME, ca: nginx.authority, agent: false };
  const sent = request({ ...at, headers: { host: NAME, ...headers } });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

const reading = () => ({ authorization: `Bearer ${token}` });

testWherePossible(
  NO_NGINX,
  'the proxy of the page lets nobody read without a token, and counts by the address that it saw',
  async () => {
    const nobody = await asked('/queue', { 'x-forwarded-for': '127.0.0.1' });
    expect([nobody.statusCode, nobody.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(nobody.headers['ratelimit-policy']).toBe('"address";q=600;w=60');
    expect(await text(nobody)).toContain('unauthenticated');
    const known = await asked('/queue', reading());
    expect([known.statusCode, known.headers['ratelimit-policy']]).toEqual([200, '"token";q=6000;w=60']);
    expect(JSON.parse(await text(known))).toMatchObject({ lanes: [{ project: 'web' }] });
    // A page of the proxy's own name may ask, one of another may not.
    for (const [origin, status] of [
      [`https://${NAME}`, 200],
      ['https://evil.example', 403],
    ] as const) {
      const answer = await asked('/queue', { ...reading(), origin });
      answer.resume();
      expect([origin, answer.statusCode]).toEqual([origin, status]);
    }
  },
);

testWherePossible(NO_NGINX, 'events come through it as they happen', async () => {
  const stream = await asked('/v1/events?from=now', { ...reading(), accept: 'text/event-stream' });
  expect([stream.statusCode, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
  let seen = '';
  const saw = (what: string) =>
    new Promise<void>((done) => {
      const look = () => {
        if (seen.includes(what)) done();
      };
      stream.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        look();
      });
      look();
    });
  // Nothing of it is kept back until there is more, or it ends.
  await saw('retry: ');
  const set = ['switch', 'stagingRunner', 'off', '--project', 'web', '--reason', 'seen through'];
  expect((await runCli(set, env, root)).code).toBe(0);
  await saw('SwitchSet');
  stream.destroy();
});

testWherePossible(NO_NGINX, 'the command line asks through it', async () => {
  const named = {
    STAGEGATE_STATE_DIR: join(root, 'elsewhere'),
    STAGEGATE_SERVICE: `https://localhost:${port}`,
    STAGEGATE_TOKEN: token,
    NODE_EXTRA_CA_CERTS: nginx.certificateFile,
  };
  expect(await runCli(['queue', '--json'], named, root)).toMatchObject({ code: 0, stderr: '' });
});
