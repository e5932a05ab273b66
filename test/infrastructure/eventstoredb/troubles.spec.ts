import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createSecureServer, createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import type { Refusal } from '../../support/eventstore-peer/faults';
import { makeCertificates, obstacleToCertificates } from '../../support/eventstore-peer/make-certificates';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { freePort } from '../../support/free-port';
import { QuietLogger } from '../../support/quiet-logger';
import { testWherePossible } from '../../support/test-where-possible';

jest.setTimeout(120_000);

const obstacle = obstacleToCertificates();
const folder = mkdtempSync(join(tmpdir(), 'stagegate-troubles-'));
const at = (name: string) => join(folder, name);
const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The least that `openssl ca` asks for, which alone can date a certificate. */
const AUTHORITY = `[ca]
default_ca = tests
[tests]
database = index
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = supplied
`;

function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

/** @returns its port. */
async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What whoever starts a service on the URL, or asks `doctor`, is told. */
async function told(url: string): Promise<{ code: string; line: string }> {
  const store = new EventStoreDbEventStore(url, new Reachability(new QuietLogger()), { readMs: 5_000 });
  try {
    await store.verify();
    return { code: 'none', line: '' };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    expect(message).not.toContain('hunter42');
    expect(message).not.toMatch(/\n|Resolution note|Last error/);
    return { code, line: message };
  } finally {
    await store.close();
  }
}

async function expectTold(url: string, code: string, seen: RegExp, cure: RegExp): Promise<void> {
  const { code: saw, line } = await told(url);
  expect({ saw, line }).toMatchObject({ saw: code, line: expect.stringMatching(seen) as string });
  expect(line.slice(line.indexOf('; '))).toMatch(cure);
}

const answering = (status: number) => createHttp2((_request, response) => response.writeHead(status).end());

test('a host that has no address', async () => {
  const cure = /; correct the host of the URL/;
  await expectTold(
    'esdb://nowhere.invalid?tls=false',
    'STORE_UNAVAILABLE',
    /saw getaddrinfo (ENOTFOUND|EAI_AGAIN)/,
    cure,
  );
  await expectTold('esdb://a.invalid,b.invalid?tls=false', 'STORE_UNAVAILABLE', /a\.invalid \(a\.invalid:2113\)/, cure);
});

test('a port that nobody listens on', async () => {
  const port = await freePort();
  const cure = /; start it, or correct host and port/;
  await expectTold(`esdb://127.0.0.1:${port}?tls=false`, 'STORE_UNAVAILABLE', /saw connect ECONNREFUSED/, cure);
  const hosts = `127.0.0.1:${port},127.0.0.1:${port}`;
  await expectTold(`esdb://${hosts}?tls=false`, 'STORE_UNAVAILABLE', /saw connect ECONNREFUSED/, cure);
});

test.each([
  ['speaks HTTP/1.1', () => createHttp((_request, response) => response.end('hello'))],
  ['speaks something else', () => createServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))],
  ['has no such call', () => answering(404)],
  ['answers with a page', () => createHttp2((_request, response) => response.end('<html></html>'))],
])('a server that %s', async (_what, make) => {
  const port = await listening(make());
  await expectTold(`esdb://127.0.0.1:${port}?tls=false`, 'STORE_UNAVAILABLE', /saw /, /no EventStoreDB answers there/);
});

test('a proxy that does not reach the server', async () => {
  const port = await listening(answering(502));
  await expectTold(
    `esdb://127.0.0.1:${port}?tls=false`,
    'STORE_UNAVAILABLE',
    /status code 502/,
    /the proxy in between/,
  );
});

test('a server that closes each connection, and one that never answers', async () => {
  const closing = await listening(createServer((socket) => socket.destroy()));
  await expectTold(
    `esdb://127.0.0.1:${closing}?tls=false`,
    'STORE_UNAVAILABLE',
    /saw /,
    /look at the log of the server/,
  );
  const mute = await listening(createServer());
  await expectTold(`esdb://127.0.0.1:${mute}?tls=false`, 'STORE_UNAVAILABLE', /no answer within/, /look at the server/);
  await expectTold(
    `esdb://ann:hunter42@127.0.0.1:${mute}`,
    'STORE_UNAVAILABLE',
    /to a TLS handshake/,
    /look at the server/,
  );
});

test('a user or password that the server does not know is not taken for a right that is missing', async () => {
  const port = await listening(answering(401));
  const seen = /expected a user and password that the server knows, saw 16 UNAUTHENTICATED/;
  await expectTold(
    `esdb://ann:hunter42@127.0.0.1:${port}?tls=false`,
    'STORE_ACCESS_DENIED',
    seen,
    /correct them in the URL/,
  );
});

describe('of a peer', () => {
  let peer: EventStorePeer;
  const refused = (refusal: Refusal) => peer.order('misbehave', { refusedReads: 1_000, refusal });
  beforeAll(async () => {
    peer = await EventStorePeer.start();
  });
  afterEach(() => peer.order('clear'));
  afterAll(() => peer.stop());

  test('a user without the right', async () => {
    await peer.order('misbehave', { isAccessDenied: true });
    const seen = /expected the right to read \$all, saw 7 PERMISSION_DENIED/;
    await expectTold(peer.url, 'STORE_ACCESS_DENIED', seen, /to the access list, see docs\/operations\.md/);
  });

  test('a node that does not lead, with and without knowing who does', async () => {
    await peer.order('misbehave', { notLeaderReads: 1_000 });
    await expectTold(peer.url, 'STORE_UNAVAILABLE', /Leader info available/, /name every node in the URL/);
    await peer.order('misbehave', { notLeaderReads: 0 });
    await refused({ code: status.UNKNOWN, details: 'No leader info available in response', trailers: {} });
    await expectTold(peer.url, 'STORE_UNAVAILABLE', /No leader info/, /a majority has to run/);
  });

  test('a server that is not ready, or has too much to do', async () => {
    for (const details of ['Server Is Not Ready', 'Server Is Too Busy']) {
      await refused({ code: status.UNAVAILABLE, details, trailers: {} });
      await expectTold(peer.url, 'STORE_UNAVAILABLE', new RegExp(details), /wait, or look at the log/);
    }
  });
});

describe('over TLS', () => {
  const secure = async (name = 'node') => {
    const pair = { key: readFileSync(at(`${name}.key`)), cert: readFileSync(at(`${name}.crt`)) };
    const server = createSecureServer(pair);
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.close();
    });
    return listening(server);
  };
  const url = (port: number, options = `?tlsCAFile=${at('ca.crt')}`) =>
    `esdb://ann:hunter42@localhost:${port}${options}`;
  beforeAll(() => {
    if (obstacle !== null) return;
    makeCertificates(folder);
    signed('other', 'DNS:other.example', String(new Date().getUTCFullYear()));
    signed('expired', 'DNS:localhost', '2020');
    signed('early', 'DNS:localhost', '2048');
  });

  testWherePossible(obstacle, 'an authority that is not known here, or another one', async () => {
    const port = await secure();
    const seen = /unable to verify|unable to get|self.signed/;
    await expectTold(url(port, ''), 'STORE_UNAVAILABLE', seen, /; add tlsCAFile=/);
    const twice = `esdb://ann:hunter42@localhost:${port},localhost:${port}`;
    await expectTold(twice, 'STORE_UNAVAILABLE', seen, /; add tlsCAFile=/);
    mkdirSync(at('another'));
    makeCertificates(at('another'));
    const another = url(port, `?tlsCAFile=${at('another/ca.crt')}`);
    await expectTold(another, 'STORE_UNAVAILABLE', /certificate/, /; name in tlsCAFile the certificate/);
  });

  testWherePossible(obstacle, 'a certificate for another name, one that has expired, one of tomorrow', async () => {
    await expectTold(url(await secure('other')), 'STORE_UNAVAILABLE', /other\.example/, /write a host in the URL that/);
    await expectTold(url(await secure('expired')), 'STORE_UNAVAILABLE', /has expired/, /renew the node's certificate/);
    await expectTold(url(await secure('early')), 'STORE_UNAVAILABLE', /not yet valid/, /set the clock/);
  });

  testWherePossible(obstacle, 'TLS on one side alone', async () => {
    const plain = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await expectTold(url(plain), 'STORE_UNAVAILABLE', /wrong version number/, /it speaks no TLS/);
    const plainly = `esdb://localhost:${await secure()}?tls=false`;
    await expectTold(plainly, 'STORE_UNAVAILABLE', /saw one that speaks TLS/, /take tls=false out of the URL/);
  });

  testWherePossible(obstacle, 'a file of the authority that is not there, or holds none', async () => {
    writeFileSync(at('garbage.crt'), 'hello');
    for (const [file, seen] of [
      ['none.crt', 'ENOENT'],
      ['garbage.crt', 'ERR_OSSL_PEM_NO_START_LINE'],
      ['', 'EISDIR'],
    ] as const) {
      const open = () =>
        new EventStoreDbEventStore(url(1, `?tlsCAFile=${at(file)}`), new Reachability(new QuietLogger()));
      expect(codeOf(open)).toBe('STORE_CA_FILE');
      expect(open).toThrow(`expected a certificate (PEM) in tlsCAFile=${at(file)}, saw ${seen}; correct the path`);
      expect(open).not.toThrow('hunter42');
    }
  });

  /** By the authority of `makeCertificates`, for all of a year. */
  function signed(name: string, names: string, year: string): void {
    const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-batch'];
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=node');
    writeFileSync(at('names'), `subjectAltName=${names}\n`);
    writeFileSync(at('index'), '');
    writeFileSync(at('authority.cnf'), AUTHORITY);
    const by = ['-config', 'authority.cnf', '-cert', 'ca.crt', '-keyfile', 'ca.key', '-extfile', 'names', '-notext'];
    const dates = ['-startdate', `${year}0101000000Z`, '-enddate', `${year}1231235959Z`];
    openssl('ca', '-batch', ...by, ...dates, '-in', `${name}.csr`, '-out', `${name}.crt`);
  }
});
