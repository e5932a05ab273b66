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
  readonly closed: Promise<unknown>;

  private constructor(private readonly socket: Socket) {
    this.closed = once(socket, 'close');
    socket.setEncoding('latin1').on('data', (more: string) => (this.said += more));
    // However it is closed.
    socket.on('error', () => undefined);
  }

  static async of({ url }: ServedCore, text: string): Promise<Caller> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const caller = new Caller(socket);
    await once(socket, 'connect');
    socket.write(text);
    return caller;
  }

  async hears(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said)) await once(this.socket, 'data');
  }

  leave(): void {
    this.socket.destroy();
  }
}

const HEAD = 'POST /v1/tasks/web.none/hold HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const LATE = /^HTTP\/1\.1 408 [^]*application\/problem\+json[^]*"code":"request-timeout"}$/;

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
  expect(caller.said).toMatch(LATE);
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
  const live = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const third = await Caller.of(service, live);
  await third.closed;
  expect(third.said).toBe('');
  holders[0]?.leave();
  for (let said = ''; said === '';) {
    const next = await Caller.of(service, live);
    await next.closed;
    said = next.said;
  }
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
  expect(caller.said).toMatch(answer);
});

it('a service that stops does not wait for callers who do not come to an end', async () => {
  const service = await serve({ closeWithinMs: SOON_MS });
  const caller = await Caller.of(service, `${HEAD}Content-Length: 100\r\n\r\n{"reason":`);
  const idle = await Caller.of(service, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await idle.hears(/^HTTP\/1\.1 200 /);
  await service.close();
  await Promise.all([caller.closed, idle.closed]);
});
