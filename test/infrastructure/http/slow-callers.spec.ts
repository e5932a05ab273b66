import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

const PATIENT_MS = 600_000;
/** Nothing of what is asked here takes so long. */
const SOON_MS = 100;

let sample: SampleRepository;
let served: ServedCore | null = null;
beforeAll(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});
afterEach(async () => {
  await served?.stop();
  served = null;
});
afterAll(() => {
  sample.dispose();
});

const PATIENT = { headersWithinMs: PATIENT_MS, requestWithinMs: PATIENT_MS, silenceMs: PATIENT_MS, lookEveryMs: 10 };

async function serve(limits: Parameters<typeof ServedCore.start>[2]): Promise<ServedCore> {
  served = await ServedCore.start(sample.dir, null, { ...PATIENT, ...limits });
  return served;
}

/** A caller who says so much and no more, and what the service says to it before it closes the connection. */
class Caller {
  said = '';
  /** That something came after the connection was gone: the caller may then have lost what was said before. */
  wasReset = false;
  readonly closed: Promise<unknown>;

  private constructor(private readonly socket: Socket) {
    // However it is closed: `once` of events would take an error for its own.
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.setEncoding('latin1').on('data', (more: string) => (this.said += more));
    socket.on('error', () => (this.wasReset = true));
  }

  /** @param allowHalfOpen whether it leaves its half open when the service has closed the other one. */
  static async of({ url }: ServedCore, text: string, allowHalfOpen = false): Promise<Caller> {
    const { hostname, port } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen });
    const caller = new Caller(socket);
    await once(socket, 'connect');
    socket.write(text);
    return caller;
  }

  async hears(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said)) await once(this.socket, 'data');
  }

  /** Goes on sending when the service has said its last word. */
  async goesOn(text: string): Promise<void> {
    await once(this.socket, 'end');
    this.socket.write(text);
  }

  end(): void {
    this.socket.end();
  }

  leave(): void {
    this.socket.destroy();
  }
}

const HEAD = 'POST /v1/tasks/web.none/hold HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const LAST = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const LATE = /^HTTP\/1\.1 408 [^]*application\/problem\+json[^]*"code":"request-timeout"}$/;

/** Asks until there is room for one more. */
async function answered(service: ServedCore): Promise<void> {
  for (let said = ''; said === '';) {
    const caller = await Caller.of(service, LAST);
    await caller.closed;
    said = caller.said;
  }
}

it.each([
  ['no head at all', { headersWithinMs: SOON_MS, requestWithinMs: SOON_MS }, ''],
  ['a head that does not end', { headersWithinMs: SOON_MS, requestWithinMs: PATIENT_MS }, HEAD],
  [
    'a body that does not end',
    { requestWithinMs: SOON_MS, headersWithinMs: SOON_MS },
    `${HEAD}Content-Length: 100\r\n\r\n{"reason":`,
  ],
  [
    'chunks that do not end',
    { requestWithinMs: SOON_MS, headersWithinMs: SOON_MS },
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
  ],
])('a caller of %s is told so, and the connection is closed', async (_, limits, text) => {
  const caller = await Caller.of(await serve(limits), text);
  await caller.closed;
  expect([caller.said, caller.wasReset]).toEqual([expect.stringMatching(LATE), false]);
  expect(await served?.events()).toBe(0);
});

it('a connection that nothing is asked on any more is closed', async () => {
  const caller = await Caller.of(
    await serve({ keepAliveMs: SOON_MS }),
    'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n',
  );
  await caller.closed;
  expect(caller.said).toMatch(/^HTTP\/1\.1 200 /);
});

it('who is silent for long is let go', async () => {
  const caller = await Caller.of(await serve({ silenceMs: SOON_MS }), HEAD);
  await caller.closed;
});

it('no more connections are taken than there may be, and one that ends makes room', async () => {
  const service = await serve({ connections: 2 });
  const holders = [await Caller.of(service, HEAD), await Caller.of(service, HEAD)];
  const third = await Caller.of(service, LAST);
  await third.closed;
  expect(third.said).toBe('');
  holders[0]?.leave();
  await answered(service);
  for (const holder of holders) holder.leave();
});

it.each([
  ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 [^]*"code":"bad-request"}$/],
  [
    'a head without end',
    `${HEAD}X: ${'x'.repeat(100_000)}\r\n`,
    /^HTTP\/1\.1 431 [^]*"code":"request-header-fields-too-large"}$/,
  ],
  [
    'two lengths',
    `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    /^HTTP\/1\.1 400 [^]*"code":"bad-request"}$/,
  ],
])('%s is answered with a problem', async (_, text, answer) => {
  const caller = await Caller.of(await serve({}), text);
  await caller.closed;
  expect([caller.said, caller.wasReset]).toEqual([expect.stringMatching(answer), false]);
});

const REST = 'x'.repeat(1_000_000);
it.each([
  ['a head that is too large', `${HEAD}X: ${'x'.repeat(100_000)}`, /^HTTP\/1\.1 431 /],
  ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
  [
    'a request that is refused before its body is read',
    `${HEAD}Origin: http://evil.test\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n`,
    /^HTTP\/1\.1 403 /,
  ],
])('%s is answered, and not reset, while its caller goes on sending', async (_, text, answer) => {
  const caller = await Caller.of(await serve({ lingerMs: PATIENT_MS }), text, true);
  await caller.goesOn(REST);
  caller.end();
  await caller.closed;
  expect([caller.said, caller.wasReset]).toEqual([expect.stringMatching(answer), false]);
});

function submission(id: string, headers = ''): string {
  const body = JSON.stringify({ project: 'web', branch: 'feature', id });
  return `POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

it.each([
  ['the caller', LAST, 'HTTP/1.1 200'],
  ['the service', 'GET /health/live HTTP/1.1\r\n\r\n', 'HTTP/1.1 400'],
])('what comes behind the last request of a connection that %s closes is not done', async (_, last, answer) => {
  const service = await serve({ lingerMs: PATIENT_MS });
  const caller = await Caller.of(service, last, true);
  await caller.goesOn(submission('one'));
  caller.end();
  await caller.closed;
  expect(caller.said.match(/HTTP\/1\.1 \d+/g)).toEqual([answer]);
  const other = await Caller.of(service, submission('two', 'Connection: close\r\n'));
  await other.closed;
  expect(other.said).toMatch(/^HTTP\/1\.1 201 /);
  expect((await fetch(`${service.url}/v1/tasks/web.one`)).status).toBe(404);
});

it('what was told to be late is not done when its rest comes after all', async () => {
  const limits = { requestWithinMs: SOON_MS, headersWithinMs: SOON_MS, lingerMs: PATIENT_MS };
  const service = await serve(limits);
  const text = submission('late');
  const caller = await Caller.of(service, text.slice(0, -1), true);
  await caller.goesOn(text.slice(-1));
  caller.end();
  await caller.closed;
  expect(caller.said).toMatch(LATE);
  const other = await Caller.of(service, submission('other', 'Connection: close\r\n'));
  await other.closed;
  expect(other.said).toMatch(/^HTTP\/1\.1 201 /);
  expect((await fetch(`${service.url}/v1/tasks/web.late`)).status).toBe(404);
});

it('who never ends a connection after its last answer makes room all the same', async () => {
  const service = await serve({ lingerMs: SOON_MS, connections: 1 });
  const staying = await Caller.of(service, 'hello\r\n\r\n', true);
  await staying.hears(/^HTTP\/1\.1 400 /);
  await answered(service);
  staying.leave();
});

it('a service that stops does not wait for callers who do not come to an end', async () => {
  const service = await serve({ closeWithinMs: SOON_MS });
  const caller = await Caller.of(service, `${HEAD}Content-Length: 100\r\n\r\n{"reason":`);
  const idle = await Caller.of(service, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await idle.hears(/^HTTP\/1\.1 200 /);
  await service.close();
  await Promise.all([caller.closed, idle.closed]);
});
