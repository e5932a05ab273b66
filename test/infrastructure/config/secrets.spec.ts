import fc from 'fast-check';
import { InfrastructureError } from '../../../src/application/ports/infrastructure-error';
import { quoted, withoutSecrets } from '../../../src/application/secrets';
import { ConfigError } from '../../../src/infrastructure/config/config-error';
import { parseProjectFile } from '../../../src/infrastructure/config/project/project-file';
import { toSettings } from '../../../src/infrastructure/config/project/settings/to-settings';
import { loadServiceConfig } from '../../../src/infrastructure/config/service-config';
import { SERVICE_KEYS } from '../../../src/infrastructure/config/service-keys';
import { addressOf as eventStoreDbAddress } from '../../../src/infrastructure/event-stores/eventstoredb/server/address';
import { addressOf } from '../../../src/infrastructure/postgres/address';
import { localPath } from '../../../src/cli/local-path';
import { urlWithSecret, withOwnSecret } from '../../support/malformed-urls';
import { KINDS, mutatedUrl } from '../../support/mutated-urls';
import { rounds } from '../../support/rounds';

const RUNS = rounds(20_000, 3_000);
const SEED = 19;
const MUTATIONS = rounds(20_000, 1_000);
const MUTATION_SEED = 42;
const NAMES = Object.values(SERVICE_KEYS).map(({ name }) => name);
const OF_STORES = NAMES.filter((name) => name.endsWith('_URL'));
const OTHERS = NAMES.filter((name) => !name.endsWith('_URL'));

/** Without any sign of one it is a word like any other. */
const isUrl = (text: string) => /[:@]|%40|%3a/i.test(text);

// Before any URL is read: what has been one's secret is taken out of every message.
describe('a message of somebody else', () => {
  test.each([
    [
      'fatal: unable to access https://ann:pa/ss@host/x.git/: 403',
      'fatal: unable to access https://***@host/x.git/: 403',
    ],
    ['fatal: https://ghp_0123@github.com/x', 'fatal: https://***@github.com/x'],
    ['connect postgres://ann:s3@db/log', 'connect postgres://***@db/log'],
    ['ann:s3cr@db does not resolve', 'ann:***@db does not resolve'],
    ["host=db password='it\\'s s3' dbname=x", 'host=db password=*** dbname=x'],
    ['PGPASSWORD=abc psql', 'PGPASSWORD=*** psql'],
    ['?sslmode=require&sslpassword=abc&x=1', '?sslmode=require&sslpassword=***&x=1'],
  ])('%s', (said, shown) => {
    expect(withoutSecrets(said)).toBe(shown);
    expect(new InfrastructureError('GIT_FAILED', said).message).toBe(shown);
  });

  test.each([
    'postgres://ann@db:5432/log: expected a server that answers',
    'esdb://ann@a:2111,b:2112: expected a server that answers',
    'write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    'at run (file:///work/node_modules/@nestjs/core/router.js:12:5)',
    'at run (/work/node_modules/@nestjs/core/router.js:12:5)',
    'correct user and password of the URL',
    'web.T1@12:ObserveHead:0123456789abcdef',
  ])('without a password stays as it is: %s', (said) => {
    expect(withoutSecrets(said)).toBe(said);
  });
});

test('whatever is wrong with a URL, and in whichever variable it stands, no message repeats a part of it', () => {
  let refused = 0;
  fc.assert(
    fc.property(urlWithSecret, fc.constantFrom(...NAMES), ({ url: anyUrl, place }, name) => {
      const { text: url, leaks } = withOwnSecret(anyUrl);
      try {
        const config = loadServiceConfig({ [name]: url });
        const { eventStore, readModel } = config;
        // As whom, where and which database is shown on purpose.
        if (place === 'user' || place === 'host' || place === 'path') return;
        for (const store of [eventStore, readModel]) {
          if (store.kind === 'postgres') expect(leaks(addressOf(store.url))).toEqual([]);
          if (store.kind === 'eventstoredb') expect(leaks(eventStoreDbAddress(store.url))).toEqual([]);
          // A path may have an @ in it (/home/ann@example.org), and then has no colon.
          if (store.kind === 'file' && name.endsWith('_URL')) expect(store.path).not.toContain(':');
        }
        const isServer = [eventStore, readModel].some(({ kind }) => kind === 'postgres' || kind === 'eventstoredb');
        const said = withoutSecrets(`getaddrinfo ENOTFOUND ${url} (${decoded(url)})`);
        if (isServer) expect(leaks(said)).toEqual([]);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        refused += 1;
        const mayBeShown = !isUrl(url) || (place === 'user' && !url.includes('@'));
        if (!mayBeShown || name.endsWith('_URL')) expect(leaks(error.message)).toEqual([]);
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(refused).toBeGreaterThan(RUNS / 2);
});

describe.each(KINDS)('a good %s URL after one to four mistakes', (kind) => {
  test.each(OF_STORES)('in %s is repeated by no refusal', (name) => {
    fc.assert(
      fc.property(mutatedUrl(kind), (mutated) => {
        const { text, leaks } = withOwnSecret(mutated);
        expect(leaks(refusalOf(() => loadServiceConfig({ [name]: text })))).toEqual([]);
      }),
      { numRuns: MUTATIONS, seed: MUTATION_SEED },
    );
  });

  test('in any other variable, also with the name of its own, is repeated by no refusal', () => {
    fc.assert(
      fc.property(mutatedUrl(kind), fc.boolean(), fc.constantFrom(...OTHERS), (mutated, isPastedWithName, name) => {
        const { text, leaks } = withOwnSecret(mutated);
        const value = isPastedWithName ? `STAGEGATE_EVENT_STORE_URL=${text}` : text;
        const said = refusalOf(() => loadServiceConfig({ [name]: value }));
        // What is left of it may be a word like any other.
        if (!/^[A-Za-z0-9_.,*+\s'"-]*$/.test(value)) expect(leaks(said)).toEqual([]);
      }),
      { numRuns: MUTATIONS, seed: MUTATION_SEED },
    );
  });

  test('as a repository or as the path of a flag is repeated by no refusal, and taken for a path only without a user', () => {
    fc.assert(
      fc.property(mutatedUrl(kind), (mutated) => {
        const { text, leaks } = withOwnSecret(mutated);
        const flag = refusalOf(() => localPath('--repo', text));
        const repo = refusalOf(() => repositoryOf(text));
        expect(leaks(flag + repo)).toEqual([]);
        if (!text.includes('%') && /^[^/.\s][^/]*@|:.*@|^[^/]*:/s.test(text)) expect([flag, repo]).not.toContain('');
      }),
      { numRuns: MUTATIONS, seed: MUTATION_SEED },
    );
  });
});

function refusalOf(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

function repositoryOf(repo: string): string {
  const text = JSON.stringify({ projects: { web: { repo, staging: { suite: 'true' } } } });
  const { document, projects } = parseProjectFile('stagegate.yml', text);
  const [[key, raw]] = [...projects] as [[string, Parameters<typeof toSettings>[2]]];
  return toSettings(document, key, raw, '/srv').repo;
}

test.each([
  ['STAGEGATE_EVENT_STORE_URL', 'esdb://ann:x1y2z3@db:2113?x9y8z7=true', 'an option: only tls, '],
  ['STAGEGATE_EVENT_STORE_URL', 'esdb://ann:x1y2z3@db:2113?tls=x9y8z7', 'option tls does not take that value'],
  ['STAGEGATE_AGENT_ENV', 'STAGEGATE_READ_MODEL_URL=x9y8z7', 'take STAGEGATE_READ_MODEL_URL out'],
  ['STAGEGATE_PORT', 'x9y8z7#', 'saw more than a plain number or name (not shown, it may hold a password); correct it'],
  ['STAGEGATE_STATE_DIR', 'ann@x9y8z7/state', 'begin a path that has a colon or an @ with / or ./'],
])('%s=%s: says what can be set', (name, value, says) => {
  const said = refusalOf(() => loadServiceConfig({ [name]: value }));
  expect(said).toContain(says);
  expect(said).not.toContain('x9y8z7');
});

test.each([
  ['STAGEGATE_PORT', '80x', 'STAGEGATE_PORT: expected a whole number from 0 to 65535, saw "80x"; correct it, '],
  [
    'STAGEGATE_STAGING_RUNNER_TIMEOUT_S',
    '10 min',
    'expected whole seconds from 1 to 86400, saw "10 min"; correct it, ',
  ],
  ['STAGEGATE_STAGING_RUNNER_ENABLED', 'yes', 'expected true or false, saw "yes"; correct it, '],
  ['STAGEGATE_HOST', 'gate', 'expected an IP address, saw "gate"; correct it, '],
])('%s=%s is shown, since it holds no sign of a URL', (name, value, says) => {
  expect(refusalOf(() => loadServiceConfig({ [name]: value }))).toContain(says);
});

test.each(['feat:x', 'Tests: (', 'web.T1/x', 'a=b'])('%s is shown as it is', (text) => {
  expect(quoted(text)).toBe(JSON.stringify(text));
});

test('a URL as the repository of a project is refused, and no part of it is shown', () => {
  fc.assert(
    fc.property(urlWithSecret, ({ url: anyUrl, place }) => {
      const { text: url, leaks } = withOwnSecret(anyUrl);
      let message = '';
      try {
        message = repositoryOf(url);
      } catch (error) {
        message = (error as Error).message;
      }
      // Without any sign of a URL it is the name of a folder.
      const isFolder = !isUrl(url) || place === 'user' || place === 'host' || place === 'path';
      if (!isFolder) expect(leaks(message)).toEqual([]);
    }),
    { numRuns: 5_000, seed: SEED },
  );
});

test('a password that is a common word makes nothing else invalid', () => {
  const environment = {
    STAGEGATE_STATE_DIR: '/var/lib/stagegate/password-manager',
    STAGEGATE_READ_MODEL_URL: 'postgres://stagegate:stagegate@postgres:5432/stagegate',
    STAGEGATE_EVENT_STORE_URL: 'postgres://ann:stage@postgres:5432/log',
  };
  expect(loadServiceConfig(environment).stateDir).toBe(environment.STAGEGATE_STATE_DIR);
  expect(withoutSecrets('run stagegate-x migrate on postgres')).toBe('run ***gate-x migrate on postgres');
});

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    // Not to be decoded: then nobody does.
    return url;
  }
}
