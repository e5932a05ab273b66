import { execFileSync } from 'node:child_process';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefusedForGood, type AlertMessage } from '../../../src/application/ports/alert-sink';
import { instant } from '../../../src/domain/instant';
import type { AlertRoute } from '../../../src/infrastructure/alerts/alert-settings';
import { SlackAlertSink } from '../../../src/infrastructure/alerts/slack-alert-sink';
import { WebhookAlertSink } from '../../../src/infrastructure/alerts/webhook-alert-sink';
import { isStandardSigned, standardKey } from '../../../src/infrastructure/hooks/standard-webhooks';

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = (response: ServerResponse) => void;

const NOW = Date.UTC(2026, 0, 5);
const ALERT: AlertMessage = {
  key: 'web.T1@19',
  severity: 'critical',
  title: 'Task <web.T1> needs a person & more',
  detail: 'do  ```x``` <!channel>',
  task: 'web.T1',
  project: 'web',
  at: instant(NOW),
};
const OLD = `whsec_${Buffer.from('the old secret').toString('base64')}`;
const NEW = `whsec_${Buffer.from('the new secret').toString('base64')}`;
const EVERYWHERE: AlertRoute = { projects: null, severities: null };

const got: Got[] = [];
let answer: Answer = (response) => response.writeHead(204).end();
let base = '';
const folder = mkdtempSync(join(tmpdir(), 'stagegate-sinks-'));
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => (body += part.toString()));
  request.on('end', () => {
    got.push({ headers: request.headers, body });
    answer(response);
  });
});
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  got.length = 0;
  answer = (response) => response.writeHead(204).end();
});

const never = new AbortController().signal;
const deps = { environment: { OLD, NEW, HOOK: 'to be set' }, nowMs: () => NOW, timeoutMs: 500 };

function webhook(allowed = ['127.0.0.1'], url = `${base}/hook`) {
  const settings = { name: 'pager', route: EVERYWHERE, url, allowed };
  return new WebhookAlertSink(settings, [{ variable: 'OLD' }, { variable: 'NEW' }], deps);
}

describe('a webhook', () => {
  test('is a CloudEvent, signed by both secrets of a rotation, under the same id each time', async () => {
    expect(await webhook().send(ALERT, never)).toBe('204 No Content');
    await webhook().send(ALERT, never);
    const [first, second] = got;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    const { headers, body } = first as Got;
    const message = { id: headers['webhook-id'] as string, timestamp: headers['webhook-timestamp'] as string, body };
    expect(message.id).not.toContain('.');
    const signatures = headers['webhook-signature'] as string;
    for (const secret of [OLD, NEW])
      expect(isStandardSigned([standardKey(secret) as Buffer], signatures, message, NOW)).toBe(true);
    const other = standardKey(Buffer.from('another').toString('base64')) as Buffer;
    expect(isStandardSigned([other], signatures, message, NOW)).toBe(false);
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: message.id,
      source: 'urn:stagegate:project:web',
      type: 'dev.stagegate.AlertRaised',
      subject: 'web.T1',
      time: ALERT.at,
      datacontenttype: 'application/json',
      project: 'web',
      data: {
        key: 'web.T1@19',
        severity: 'critical',
        title: ALERT.title,
        detail: ALERT.detail,
        task: 'web.T1',
        project: 'web',
      },
    });
  });

  test('whose secret is none is not sent, and what it is is not said', async () => {
    const odd = new WebhookAlertSink(
      { name: 'pager', route: EVERYWHERE, url: base, allowed: ['127.0.0.1'] },
      [{ variable: 'HOOK' }],
      deps,
    );
    await expect(odd.send(ALERT, never)).rejects.toThrow(
      /^pager: expected a secret in base64, with or without whsec_ before it$/,
    );
    expect(got).toEqual([]);
  });
});

const ANSWERS: readonly (readonly [string, Answer, RegExp | null])[] = [
  ['200 and garbage', (response) => response.writeHead(200).end(Buffer.alloc(100_000, 0xff)), null],
  ['200 without an end that is too long', (response) => response.writeHead(200).write(Buffer.alloc(200_000)), null],
  ['gone', (response) => response.writeHead(410).end(), /expected an answer of 2xx, saw 410 Gone/],
  [
    'a redirect',
    (response) => response.writeHead(302, { location: `${base}/x` }).end(),
    /saw 302 Found, a redirect, which is not/,
  ],
  ['an error', (response) => response.writeHead(503).end('later'), /saw 503 Service Unavailable/],
  ['nothing', () => undefined, /expected an answer, saw nothing in time/],
  ['no end', (response) => response.writeHead(200).write('x'), /expected an answer, saw nothing in time/],
  ['a hang-up', (response) => response.destroy(), /expected an answer, saw ECONNRESET/],
  [
    'half of what it promises',
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy());
    },
    /expected an answer, saw ECONNRESET/,
  ],
  ['200 and a body that drips without an end', drip, /expected an answer, saw nothing in time/],
  [
    'nothing but that it goes on',
    (response) => {
      const going = setInterval(() => {
        response.writeProcessing();
      }, 20);
      response.on('close', () => {
        clearInterval(going);
      });
    },
    /expected an answer, saw nothing in time/,
  ],
  [
    'headers without an end',
    (response) => response.writeHead(200, { odd: 'x'.repeat(100_000) }).end(),
    /expected an answer, saw HPE_HEADER_OVERFLOW/,
  ],
  ['no HTTP', (response) => response.socket?.end('220 mail ready\r\n'), /expected an answer, saw HPE_/],
];
function drip(response: ServerResponse): void {
  response.writeHead(200);
  const dripping = setInterval(() => response.write('x'), 20);
  response.on('close', () => {
    clearInterval(dripping);
  });
}

test.each([
  [400, true],
  [401, true],
  [404, true],
  [408, false],
  [410, true],
  [422, true],
  [425, false],
  [429, false],
  [500, false],
  [503, false],
  [301, false],
])('an answer of %i is for good: %s', async (status, isFinal) => {
  answer = (response) => response.writeHead(status).end();
  const fault: unknown = await webhook()
    .send(ALERT, never)
    .catch((error: unknown) => error);
  expect(fault instanceof RefusedForGood).toBe(isFinal);
});

test('a server that speaks no TLS, or has a certificate that nobody believes, is told nothing', async () => {
  const port = base.slice(base.lastIndexOf(':') + 1);
  await expect(webhook(['127.0.0.1'], `https://127.0.0.1:${port}/`).send(ALERT, never)).rejects.toThrow(
    /expected an answer, saw (EPROTO|ERR_SSL_)/,
  );
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=x',
      '-keyout',
      join(folder, 'k'),
      '-out',
      join(folder, 'c'),
    ],
    { stdio: 'ignore' },
  );
  const own = createSecureServer({ key: readFileSync(join(folder, 'k')), cert: readFileSync(join(folder, 'c')) });
  own.on('request', (_request, response) => response.end());
  await new Promise<void>((done) => own.listen(0, '127.0.0.1', done));
  const url = `https://127.0.0.1:${(own.address() as AddressInfo).port}/`;
  await expect(webhook(['127.0.0.1'], url).send(ALERT, never)).rejects.toThrow(
    /expected an answer, saw DEPTH_ZERO_SELF_SIGNED_CERT/,
  );
  own.close();
  expect(got).toEqual([]);
});
test.each(ANSWERS)('a server that answers %s', async (_what, how, refused) => {
  answer = how;
  const sent = webhook().send(ALERT, never);
  if (refused) await expect(sent).rejects.toThrow(refused);
  else await expect(sent).resolves.toBe('200 OK');
  expect(got).toHaveLength(1);
});

describe('nobody is asked whom the operator does not mean', () => {
  test.each([
    ['http://127.0.0.1:1/', 'http'],
    ['https://127.0.0.1:1/', 'loopback'],
    ['https://[::1]:1/', 'loopback'],
    ['https://[::ffff:127.0.0.1]:1/', 'loopback'],
    ['https://0x7f.1:1/', 'loopback'],
    ['https://2130706433:1/', 'loopback'],
    ['https://10.0.0.1:1/', 'private'],
    ['https://169.254.169.254/latest', 'nobody'],
    ['https://[fe80::1]/', 'nobody'],
  ])('%s', async (url, why) => {
    await expect(webhook([], url).send(ALERT, never)).rejects.toThrow(why);
    expect(got).toEqual([]);
  });

  const answering = (...addresses: readonly string[]) => {
    let asked = 0;
    const resolve = (
      _name: string,
      _options: object,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ) => {
      done(null, [{ address: addresses[Math.min(asked++, addresses.length - 1)] as string, family: 4 }]);
    };
    return { resolve, times: () => asked };
  };
  const named = (allowed: readonly string[], resolve: ReturnType<typeof answering>['resolve']) =>
    new SlackAlertSink(
      { name: 'chat', route: EVERYWHERE, url: `${base.replace('127.0.0.1', 'hooks.example')}/`, allowed },
      { ...deps, resolve: resolve },
    );

  test('by a name that leads to this machine, or to where clouds keep credentials', async () => {
    const https = (address: string) =>
      new SlackAlertSink(
        { name: 'chat', route: EVERYWHERE, url: 'https://hooks.example/', allowed: [] },
        { ...deps, resolve: answering(address).resolve },
      );
    await expect(https('127.0.0.1').send(ALERT, never)).rejects.toThrow(/saw 127\.0\.0\.1 \(loopback\)/);
    await expect(https('169.254.169.254').send(ALERT, never)).rejects.toThrow(/saw 169\.254\.169\.254 \(nobody\)/);
  });

  test('not even a host that is named leads to credentials of the machine', async () => {
    await expect(named(['hooks.example'], answering('169.254.169.254').resolve).send(ALERT, never)).rejects.toThrow(
      'nobody',
    );
  });

  test('a name is looked up once, and what it was then is what is connected to', async () => {
    const rebinding = answering('127.0.0.1', '10.0.0.1');
    expect(await named(['hooks.example'], rebinding.resolve).send(ALERT, never)).toBe('204 No Content');
    expect(rebinding.times()).toBe(1);
  });
});

describe('a chat', () => {
  const slack = (url: ConstructorParameters<typeof SlackAlertSink>[0]['url']) =>
    new SlackAlertSink({ name: 'chat', route: EVERYWHERE, url, allowed: ['127.0.0.1'] }, deps);

  test('gets a text that mentions nobody, at a URL from a file', async () => {
    const file = join(folder, 'url');
    writeFileSync(file, `${base}/services/T0/B0/secret\n`);
    await slack({ file }).send(ALERT, never);
    const { text } = JSON.parse(got[0]?.body ?? '') as { text: string };
    expect(text).toBe(
      "*Task &lt;web.T1&gt; needs a person &amp; more* (critical)\n```do  '''x''' &lt;!channel&gt;```\nweb.T1@19",
    );
  });

  test('whose URL is missing or none is not sent to, and a URL that is a secret is not said', async () => {
    await expect(slack({ variable: 'NOT_SET' }).send(ALERT, never)).rejects.toThrow('NOT_SET: expected a secret');
    await expect(slack({ file: join(folder, 'none') }).send(ALERT, never)).rejects.toThrow('saw ENOENT');
    await expect(slack({ variable: 'HOOK' }).send(ALERT, never)).rejects.toThrow('not shown');
    answer = (response) => response.writeHead(404).end();
    await expect(slack(`${base}/services/secret`).send(ALERT, never)).rejects.toThrow(
      /^127\.0\.0\.1:\d+: expected an answer of 2xx, saw 404 Not Found$/,
    );
  });
});

test('a sink gets what its route lets through', () => {
  const sink = (route: AlertRoute) =>
    new SlackAlertSink({ name: 'chat', route, url: base, allowed: [] }, deps).takes(ALERT);
  expect(sink(EVERYWHERE)).toBe(true);
  expect(sink({ projects: ['api'], severities: null })).toBe(false);
  expect(sink({ projects: ['web'], severities: ['critical'] })).toBe(true);
  expect(sink({ projects: null, severities: ['warning'] })).toBe(false);
});
