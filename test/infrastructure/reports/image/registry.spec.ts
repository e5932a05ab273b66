import type { IncomingMessage, ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ReportFault } from '../../../../src/application/ports/report-reader';
import { readImages } from '../../../../src/infrastructure/reports/image/read-images';
import type { Resolve } from '../../../../src/infrastructure/outbound/guarded-lookup';
import { HttpImageRegistry } from '../../../../src/infrastructure/reports/image/registry/http-image-registry';
import { FakeRegistry } from '../../../support/fake-registry';
import { descriptor, image, index } from '../../../support/image-parts';

const COMMIT = 'a'.repeat(40);
const BUILT = image(COMMIT);
const LOGIN = 'ci:s3cret';
const BASIC = `Basic ${Buffer.from(LOGIN).toString('base64')}`;

let registry: FakeRegistry;
let elsewhere: FakeRegistry;
beforeEach(async () => {
  registry = await FakeRegistry.start();
  elsewhere = await FakeRegistry.start();
  registry.push('team/app', 'v1', BUILT.manifest, BUILT.config);
});
afterEach(async () => {
  await registry.stop();
  await elsewhere.stop();
});

/** At once; otherwise it happens at any time. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

interface Look {
  readonly image?: string;
  readonly credentials?: string | null;
  readonly limitMs?: number;
  readonly resolve?: Resolve;
  readonly signal?: AbortSignal;
  readonly isInsecure?: boolean;
}

function look({ image: name = `${registry.host}/team/app:v1`, credentials = null, ...given }: Look = {}) {
  const { signal = new AbortController().signal, isInsecure = true, ...options } = given;
  const question = { image: name, credentials, isInsecure, signal };
  return new HttpImageRegistry(options).look(question);
}

async function revisions(given: Look = {}): Promise<unknown> {
  const found = await look(given);
  if (found.kind === 'fault') return found;
  const read = readImages(found.text);
  return read.kind === 'read' ? read.report.images.map(({ revision }) => revision) : read;
}

async function refusal(given: Look = {}): Promise<ReportFault & { readonly words: string }> {
  const found = await look(given);
  if (found.kind !== 'fault') throw new Error('an answer where none was expected');
  expect(found.evidence.join()).not.toMatch(/s3cret|Bearer|Basic/);
  return { ...found, words: found.evidence.join() };
}

/** Answers what the path fits with this, and everything else as ever. */
function answering(pattern: RegExp, status: number, headers: Record<string, string> = {}, body = ''): void {
  registry.instead = (_request, response, url) => {
    if (!pattern.test(url.pathname)) return false;
    response.writeHead(status, headers).end(body);
    return true;
  };
}

describe('an image', () => {
  test('is told by its manifest and configuration, asked for in the formats of OCI and Docker', async () => {
    expect(await revisions()).toEqual([COMMIT]);
    expect(registry.asked.map(({ path }) => path)).toEqual([
      '/v2/team/app/manifests/v1',
      `/v2/team/app/blobs/${BUILT.config.digest}`,
    ]);
    expect(registry.asked[0]?.accept.split(', ')).toEqual([
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v2+json',
    ]);
  });

  test('of several platforms is told for each', async () => {
    const other = image('b'.repeat(40));
    const all = index(descriptor(BUILT.manifest), descriptor(other.manifest));
    registry.push('team/app', 'all', all);
    registry.push('team/app', null, other.manifest, other.config);
    expect(await revisions({ image: `${registry.host}/team/app:all` })).toEqual([COMMIT, 'b'.repeat(40)]);
  });
});

describe('tokens', () => {
  const challenge = (realm: string) =>
    `Bearer realm="${realm}",service="reg",scope="repository:team/app:pull,push,delete"`;
  const protect = (realm: string) => {
    registry.instead = ({ headers }, response, url) => {
      if (url.pathname === '/token') {
        response.writeHead(200).end(JSON.stringify({ token: 't0ken' }));
        return true;
      }
      if (headers.authorization === 'Bearer t0ken') return false;
      response.writeHead(401, { 'www-authenticate': challenge(realm) }).end();
      return true;
    };
  };

  test('are fetched once, for the right to pull and no other, whatever is offered', async () => {
    protect(`${registry.url}/token`);
    expect(await revisions({ credentials: LOGIN })).toEqual([COMMIT]);
    const asked = registry.asked.map(({ path, authorization }) => [path, authorization]);
    expect(asked).toEqual([
      ['/v2/team/app/manifests/v1', null],
      ['/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull', BASIC],
      ['/v2/team/app/manifests/v1', 'Bearer t0ken'],
      [`/v2/team/app/blobs/${BUILT.config.digest}`, 'Bearer t0ken'],
    ]);
  });

  test('are had by nobody in particular, too', async () => {
    protect(`${registry.url}/token`);
    expect(await revisions()).toEqual([COMMIT]);
    expect(registry.asked[1]?.authorization).toBeNull();
  });

  test('come from the registry itself or over https: no password goes anywhere else', async () => {
    protect(`${elsewhere.url}/token`);
    expect(await refusal({ credentials: LOGIN })).toMatchObject({ reason: 'registry_unsafe', retryable: false });
    expect(elsewhere.asked).toEqual([]);
  });

  test.each([
    ['not there', 404, '', 'registry_malformed'],
    ['refused', 403, '', 'registry_refused'],
    ['of no form', 200, '{"token":"a\\r\\nx: y"}', 'registry_malformed'],
    ['no JSON', 200, '<html>', 'registry_malformed'],
    ['endless', 200, ' '.repeat(100_000), 'registry_malformed'],
  ])('one that is %s is none', async (_what, status, body, reason) => {
    registry.instead = (_request, response, url) => {
      if (url.pathname === '/token') response.writeHead(status).end(body);
      else response.writeHead(401, { 'www-authenticate': challenge(`${registry.url}/token`) }).end();
      return true;
    };
    expect(await refusal()).toMatchObject({ reason });
  });

  test('a registry that takes passwords themselves gets them, and is told apart from one that wants them', async () => {
    registry.instead = ({ headers }, response) => {
      if (headers.authorization === BASIC) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    };
    expect(await revisions({ credentials: LOGIN })).toEqual([COMMIT]);
    expect(await refusal()).toMatchObject({
      reason: 'registry_refused',
      words: expect.stringContaining('credentials') as string,
    });
    expect(await refusal({ credentials: 'ci:wrong' })).toMatchObject({ reason: 'registry_refused' });
  });
});

describe('what a registry says instead', () => {
  test.each<[number, string, boolean | undefined, string | undefined]>([
    [404, 'no_image', undefined, undefined],
    [403, 'registry_refused', false, undefined],
    [401, 'registry_malformed', undefined, undefined],
    [400, 'registry_malformed', undefined, undefined],
    [500, 'registry_down', undefined, 'dependency-down'],
    [503, 'registry_down', undefined, 'dependency-down'],
    [429, 'registry_down', undefined, 'dependency-down'],
  ])('%p is %s', async (status, reason, retryable, failureClass) => {
    answering(/manifests/, status);
    const found = await refusal();
    expect([found.reason, found.retryable, found.failureClass]).toEqual([reason, retryable, failureClass]);
    expect(found.words).toContain(registry.host);
  });

  test('a pause that it asks for is made, if it is a short one', async () => {
    let isFirst = true;
    registry.instead = (_request, response) => {
      if (!isFirst) return false;
      isFirst = false;
      response.writeHead(429, { 'retry-after': '1' }).end();
      return true;
    };
    const since = Date.now();
    expect(await revisions()).toEqual([COMMIT]);
    expect(Date.now() - since).toBeGreaterThanOrEqual(990);
    answering(/manifests/, 429, { 'retry-after': '3600' });
    expect((await refusal()).words).toContain('ask again after 3600');
  });

  test('a pause ends with the time of the look', async () => {
    answering(/manifests/, 429, { 'retry-after': '9' });
    expect(await refusal({ limitMs: 200 })).toMatchObject({ reason: 'registry_down' });
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['nothing at all', () => undefined],
    [
      'the beginning of an answer',
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{');
      },
    ],
  ])('%s, until the time is up, is no answer', async (_what, answer) => {
    registry.instead = (_request, response) => {
      answer(response);
      return true;
    };
    expect(await refusal({ limitMs: 200 })).toMatchObject({
      reason: 'registry_down',
      failureClass: 'dependency-down',
      words: expect.stringContaining('the time was up') as string,
    });
  });

  test('its time is up, whatever is collected as garbage meanwhile', async () => {
    registry.instead = () => true;
    const found = refusal({ limitMs: 500 });
    for (let at = 0; at < 3; at += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      collectGarbage();
    }
    expect(await found).toMatchObject({ reason: 'registry_down' });
  });

  test('another protocol is no answer', async () => {
    registry.instead = (request) => {
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
      return true;
    };
    expect(await refusal({ limitMs: 2_000 })).toMatchObject({
      reason: 'registry_malformed',
      words: expect.stringContaining('another protocol') as string,
    });
  });

  test('whoever no longer wants to know need not wait', async () => {
    registry.instead = () => true;
    const abort = new AbortController();
    setTimeout(() => {
      abort.abort();
    }, 50);
    expect(await refusal({ signal: abort.signal })).toMatchObject({ reason: 'registry_down' });
  });

  test('a line that breaks off in the middle is no answer', async () => {
    registry.instead = ({ socket }: IncomingMessage) => {
      socket.destroy();
      return true;
    };
    expect(await refusal()).toMatchObject({ reason: 'registry_down', failureClass: 'dependency-down' });
  });

  test('without TLS nothing is said to it, unless that is wanted', async () => {
    expect(await refusal({ isInsecure: false, credentials: LOGIN })).toMatchObject({ reason: 'registry_down' });
    expect(registry.asked).toEqual([]);
  });

  test('nobody there, and a name that nobody has, are no answers', async () => {
    const gone = registry.host;
    await registry.stop();
    expect((await refusal({ image: `${gone}/team/app:v1` })).words).toMatch(/ECONNREFUSED/);
    const resolve: Resolve = (_name, _options, done) => {
      done(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
    };
    const found = await refusal({ image: 'registry.example/team/app:v1', resolve });
    expect(found).toMatchObject({ reason: 'registry_down', failureClass: 'dependency-down' });
    registry = await FakeRegistry.start();
  });

  test('an endless body is not read to its end', async () => {
    registry.instead = (_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
      return true;
    };
    expect(await refusal()).toMatchObject({
      reason: 'registry_malformed',
      words: expect.stringMatching(/at most \d+ bytes/) as string,
    });
  });

  test.each<[string, RegExp, Record<string, string>, string, RegExp]>([
    ['a page of somebody', /manifests/, { 'content-type': 'text/html' }, '<html>', /expected JSON/],
    [
      'another kind of manifest',
      /manifests/,
      { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
      '{}',
      /v1\+prettyjws/,
    ],
    ['bytes that are packed', /manifests/, { 'content-encoding': 'gzip' }, 'x', /expected plain bytes, saw gzip/],
    [
      'another digest than its bytes have',
      /manifests/,
      { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
      '{}',
      /expected the bytes of sha256:0/,
    ],
    [
      'a configuration of another image',
      /blobs/,
      {},
      image('c'.repeat(40)).config.bytes.toString(),
      /expected the bytes of this digest|expected \d+ bytes/,
    ],
  ])('%s is no image', async (_what, pattern, headers, body, words) => {
    answering(pattern, 200, headers, body);
    const found = await refusal();
    expect(found.reason).toBe('registry_malformed');
    expect(found.words).toMatch(words);
  });
});

describe('redirects', () => {
  const blobsTo = (location: string) => {
    answering(/blobs/, 307, { location });
  };

  test('of blobs are followed, and nobody there is told who asks', async () => {
    registry.instead = ({ headers }, response, url) => {
      if (headers.authorization !== BASIC) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else if (/blobs/.test(url.pathname)) response.writeHead(307, { location: `${elsewhere.url}/bucket?sig=1` }).end();
      else return false;
      return true;
    };
    elsewhere.instead = (_request, response) => {
      response.writeHead(200).end(BUILT.config.bytes);
      return true;
    };
    expect(await revisions({ credentials: LOGIN })).toEqual([COMMIT]);
    expect(elsewhere.asked).toMatchObject([{ path: '/bucket?sig=1', authorization: null }]);
  });

  test('without end are given up', async () => {
    blobsTo('again');
    expect(await refusal()).toMatchObject({
      reason: 'registry_malformed',
      words: expect.stringContaining('at most 5 redirects') as string,
    });
  });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/',
    'http://0.0.0.0:1/',
    'http://[::ffff:169.254.169.254]/',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'http://user:pw@127.0.0.1/',
    'http://%zz/',
  ])('to %s are not followed', async (location) => {
    blobsTo(location);
    expect(await refusal()).toMatchObject({ reason: 'registry_unsafe', retryable: false });
  });
});

describe('names', () => {
  /** Every name is at this machine; the list says which address it is told to be at, look-up by look-up. */
  const resolving =
    (...answers: readonly (readonly string[])[]): Resolve =>
    (_name, _options, done) => {
      const addresses = answers.length > 1 ? (answers as string[][]).shift() : answers[0];
      done(
        null,
        (addresses ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
  const port = () => registry.host.split(':')[1] ?? '';

  test('are looked up by the very request that uses them', async () => {
    const found = await revisions({
      image: `registry.example:${port()}/team/app:v1`,
      resolve: resolving(['127.0.0.1']),
    });
    expect(found).toEqual([COMMIT]);
    expect(registry.asked[0]?.host).toBe(`registry.example:${port()}`);
  });

  test.each([[['169.254.169.254']], [['127.0.0.1', '169.254.169.254']], [['fe80::1']], [['::']], [['224.0.0.1']]])(
    'with the addresses %p are asked nothing',
    async (addresses) => {
      const given = { image: `registry.example:${port()}/team/app:v1`, resolve: resolving(addresses) };
      expect(await refusal(given)).toMatchObject({ reason: 'registry_unsafe', retryable: false });
      expect(registry.asked).toEqual([]);
    },
  );

  test('that change between two requests lead no nearer to this machine than at first', async () => {
    const resolve = resolving(['127.0.0.1'], ['169.254.169.254']);
    const found = await refusal({ image: `registry.example:${port()}/team/app:v1`, resolve });
    expect(found.reason).toBe('registry_unsafe');
    expect(found.words).toContain('169.254.169.254');
  });
});
