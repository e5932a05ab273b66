import fc from 'fast-check';
import { InfrastructureError } from '../../../src/application/ports/infrastructure-error';
import { withoutSecrets } from '../../../src/application/secrets';
import { ConfigError } from '../../../src/infrastructure/config/config-error';
import { parseProjectFile } from '../../../src/infrastructure/config/project-file';
import { toSettings } from '../../../src/infrastructure/config/project-settings';
import { loadServiceConfig } from '../../../src/infrastructure/config/service-config';
import { SERVICE_KEYS } from '../../../src/infrastructure/config/service-keys';
import { addressOf as eventStoreDbAddress } from '../../../src/infrastructure/event-stores/eventstoredb/address';
import { addressOf } from '../../../src/infrastructure/postgres/address';
import { HALVES, urlWithSecret } from '../../support/malformed-urls';

const RUNS = 20_000;
const SEED = 19;
const NAMES = Object.values(SERVICE_KEYS).map(({ name }) => name);

/** Without any sign of one it is a word like any other. */
const isUrl = (text: string) => /[:@]|%40|%3a/i.test(text);
const leaks = (text: string) => HALVES.filter((half) => text.includes(half));

test('whatever is wrong with a URL, and in whichever variable it stands, no message repeats a part of it', () => {
  let refused = 0;
  fc.assert(
    fc.property(urlWithSecret, fc.constantFrom(...NAMES), ({ url, place }, name) => {
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

test('a URL as the repository of a project is refused, and no part of it is shown', () => {
  fc.assert(
    fc.property(urlWithSecret, ({ url, place }) => {
      const text = JSON.stringify({ projects: { web: { repo: url, staging: { suite: 'true' } } } });
      let message = '';
      try {
        const { document, projects } = parseProjectFile('stagegate.yml', text);
        const [[key, raw]] = [...projects] as [[string, Parameters<typeof toSettings>[2]]];
        message = toSettings(document, key, raw, '/srv').repo;
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

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    // Not to be decoded: then nobody does.
    return url;
  }
}
