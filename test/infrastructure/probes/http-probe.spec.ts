import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createPlainServer, Socket, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpProbe } from '../../../src/infrastructure/probes/http-probe';

const probe = new HttpProbe();
const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
const folder = mkdtempSync(join(tmpdir(), 'stagegate-probe-'));
afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** @returns the port. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(listener))}/health`;
}

/** What answers is no HTTP. */
async function speak(words: string | Buffer): Promise<string> {
  const server = createPlainServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(words));
  });
  return `http://127.0.0.1:${await listening(server)}/`;
}

const ask = (url: string, timeoutMs = 2_000, signal = new AbortController().signal) =>
  probe.probe({ url, timeoutMs, signal });

describe('what answers', () => {
  test('is told by its status and the begin of its body, and asked once, by a plain GET', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['user-agent']} ${request.headers.cookie}`);
      response.setHeader('set-cookie', 'a=b').end('fine');
    });
    expect(await ask(`${url}?deep=1`)).toEqual({ kind: 'answered', status: 200, text: 'fine' });
    await ask(url);
    expect(asked).toEqual(['GET /health?deep=1 stagegate undefined', 'GET /health stagegate undefined']);
  });

  test("may be slow to be reached where its name has several addresses: no attempt is given up after Node's 250 ms", async () => {
    const connect = jest.spyOn(Socket.prototype, 'connect');
    await ask(await serve((_, response) => response.end()), 3_000);
    const [asked] = connect.mock.calls.flat(2) as unknown as readonly object[];
    connect.mockRestore();
    expect(asked).toMatchObject({ autoSelectFamilyAttemptTimeout: 1_000 });
  });

  test.each([204, 404, 500, 503])('is told by status %d as it is', async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end());
    expect(await ask(url)).toEqual({ kind: 'answered', status, text: '' });
  });

  test.each(['127.0.0.1', '169.254.169.254', '[::1]', 'localhost'])(
    'is not followed where it sends us elsewhere: %s',
    async (host) => {
      let isFollowed = false;
      const there = await serve((_, response) => {
        isFollowed = true;
        response.end('secret');
      });
      const location =
        host === '169.254.169.254' ? `http://${host}/latest/meta-data/` : there.replace('127.0.0.1', host);
      for (const status of [301, 302, 307, 308]) {
        const url = await serve((_, response) => response.writeHead(status, { location }).end('moved'));
        expect(await ask(url)).toEqual({ kind: 'answered', status, text: 'moved' });
      }
      expect(isFollowed).toBe(false);
    },
  );

  test('is read in part where it is huge, and is not waited for', async () => {
    let isStopped = false;
    const url = await serve((_, response) => {
      response.on('close', () => {
        isStopped = true;
      });
      const write = () => {
        while (!isStopped && response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    });
    const found = await ask(url);
    expect(found).toMatchObject({ kind: 'answered', status: 200 });
    expect((found as { text: string }).text).toHaveLength(4_096);
  });

  test('may be no text', async () => {
    const url = await serve((_, response) => response.end(Buffer.from([0, 255, 254, 128, 65])));
    expect(await ask(url)).toMatchObject({ kind: 'answered', text: '\0���A' });
  });
});

describe('no answer', () => {
  test('is what refuses the connection', async () => {
    const server = createPlainServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'no-answer',
      detail: 'the connection was refused (ECONNREFUSED)',
    });
  });

  test('is what hangs, at whatever point', async () => {
    const hangs = await serve(() => undefined);
    expect(await ask(hangs, 150)).toEqual({ kind: 'no-answer', detail: 'no answer within 150 ms' });
    const inBody = await serve((_, response) => response.write('half'));
    expect(await ask(inBody, 150)).toEqual({ kind: 'no-answer', detail: 'an answer that did not end within 150 ms' });
    const drips = await serve((_, response) => {
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    const beganMs = performance.now();
    expect(await ask(drips, 200)).toMatchObject({ kind: 'no-answer' });
    expect(performance.now() - beganMs).toBeLessThan(1_500);
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /^what answered was no HTTP \(HPE_/],
    ['nothing', '', /^the connection was cut off \(ECONNRESET\)$/],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}`, /^what answered was no HTTP \(HPE_/],
    ['a body that breaks off', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', /^the connection was cut off/],
    ['garbage', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), /^what answered was no HTTP \(HPE_/],
  ])('is %s', async (_name, words, detail) => {
    expect(await ask(await speak(words))).toMatchObject({
      kind: 'no-answer',
      detail: expect.stringMatching(detail) as string,
    });
  });

  test('is TLS that nobody can trust, or none at all', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '1'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', key, '-out', cert],
      {
        stdio: 'ignore',
      },
    );
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const port = await listening(createSecureServer(tls, (_, response) => response.end('fine')));
    const untrusted = await ask(`https://127.0.0.1:${port}/`);
    expect(untrusted).toEqual({ kind: 'no-answer', detail: 'TLS failed (DEPTH_ZERO_SELF_SIGNED_CERT)' });
    const plain = await serve((_, response) => response.end());
    expect(await ask(plain.replace('http:', 'https:'))).toMatchObject({
      kind: 'no-answer',
      detail: expect.stringMatching(/^TLS failed/) as string,
    });
  });
});

describe('what this machine could not do', () => {
  test.each([
    [100, { kind: 'answered', status: 200, text: 'fine' }],
    [60_000, { kind: 'no-answer', detail: 'no answer within 300 ms' }],
  ])(
    'is no fault of what was asked: time in which this process did not run (answer after %d ms)',
    async (ms, found) => {
      const answers = `setTimeout(() => response.end('fine'), ${ms})`;
      const told = `console.log(server.address().port)`;
      const script = `const server = require('node:http').createServer((_, response) => ${answers}).listen(0, '127.0.0.1', () => ${told})`;
      const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        const port = await new Promise((resolve) =>
          other.stdout.once('data', (data: Buffer) => {
            resolve(data.toString().trim());
          }),
        );
        const asked = ask(`http://127.0.0.1:${String(port)}/`, 300);
        for (const until = performance.now() + 1_000; performance.now() < until;);
        expect(await asked).toEqual(found);
      } finally {
        other.kill();
      }
    },
  );

  test('is no answer of anybody: a name that nobody knows', async () => {
    await expect(ask('http://nowhere.invalid/', 20_000)).rejects.toMatchObject({ code: 'PROBE_NO_NAME' });
  });

  test('ends when it is told to stop, and leaves no connection behind', async () => {
    let isClosed = false;
    const url = await serve((request) => {
      request.on('close', () => {
        isClosed = true;
      });
    });
    const stop = new AbortController();
    const asked = ask(url, 60_000, stop.signal);
    setTimeout(() => {
      stop.abort();
    }, 100);
    expect(await asked).toEqual({ kind: 'aborted' });
    expect(await ask(url, 60_000, stop.signal)).toEqual({ kind: 'aborted' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isClosed).toBe(true);
  });
});
