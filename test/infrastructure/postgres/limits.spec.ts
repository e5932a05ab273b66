import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { migrate } from '../../../src/infrastructure/event-stores/postgres/migrate';
import { Session } from '../../../src/infrastructure/postgres/session';
import { Sessions, withOwnSession } from '../../../src/infrastructure/postgres/sessions';
import { openPostgresReadModels } from '../../../src/infrastructure/read-models/open-postgres-read-models';
import { until } from '../../contract/support/until';
import { startCli } from '../../support/cli';
import { CliSession } from '../../support/cli-session';
import {
  brokenFrames,
  hangsUp,
  letsInAndStops,
  mute,
  OddServer,
  otherProtocol,
  stopsAt,
  type Manner,
} from '../../support/odd-server';
import { startPrivatePostgres, type PrivatePostgres } from '../../support/private-postgres';
import { STORE_VERBS } from './store-verbs';

const LIMIT_MS = 120_000;
/** Long enough for whatever does answer, and short for what never does. */
const SHORT = '?connect_timeout=1';

const MANNERS: readonly (readonly [name: string, manner: Manner])[] = [
  ['takes connections and never says a word', mute],
  ['speaks another protocol', otherProtocol],
  ['lets in and answers nothing', letsInAndStops],
  ['answers what no parser understands', brokenFrames],
  ['hangs up', hangsUp],
];

let folder: string;
let odd: OddServer;
const session = new CliSession();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagegate-limits-'));
  writeFileSync(
    join(folder, 'stagegate.yml'),
    JSON.stringify({ version: 1, projects: { web: { repo: folder, staging: { suite: 'true' } } } }),
  );
  writeFileSync(join(folder, 'log.jsonl'), '');
});
afterEach(() => odd.stop());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await session.close();
});

const env = (more: Record<string, string> = {}) => ({
  STAGEGATE_STATE_DIR: join(folder, 'state'),
  STAGEGATE_PROJECTS: join(folder, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_EVENT_STORE_URL: odd.url(SHORT),
  ...more,
});

describe.each(MANNERS)('a server that %s', (_, manner) => {
  test(
    'keeps no verb: each ends with what it saw, and closes its connections',
    async () => {
      odd = await OddServer.start(manner);
      for (const verb of STORE_VERBS) {
        const { code, stdout, stderr } = await session.run(verb, env(), folder);
        const said = stdout + stderr;
        expect([verb, code, said]).toEqual([
          verb,
          verb[0] === 'doctor' ? 3 : 2,
          expect.stringContaining('postgres://ann@127.0.0.1'),
        ]);
        expect(said).not.toMatch(/S3cr3t|internal error|\n\s+at /);
      }
      await until('no connection is left', () => odd.connections === 0);
    },
    LIMIT_MS,
  );

  test(
    'keeps no reader when it has only the read models',
    async () => {
      odd = await OddServer.start(manner);
      const apart = env({ STAGEGATE_EVENT_STORE_URL: 'file:events.db', STAGEGATE_READ_MODEL_URL: odd.url(SHORT) });
      for (const verb of [['queue'], ['rebuild'], ['doctor']]) {
        const { stdout, stderr } = await session.run(verb, apart, folder);
        expect(stdout + stderr).toContain('postgres://ann@127.0.0.1');
        expect(stdout + stderr).not.toMatch(/S3cr3t|internal error|\n\s+at /);
      }
    },
    LIMIT_MS,
  );

  test(
    'keeps no service from being stopped',
    async () => {
      odd = await OddServer.start(manner);
      const up = startCli(['up'], env(), folder);
      await up.saw(/the event store cannot be used/);
      up.child.kill('SIGTERM');
      await up.ended;
    },
    LIMIT_MS,
  );
});

describe('a server that stops in the middle', () => {
  let server: PrivatePostgres;
  beforeAll(async () => {
    server = await startPrivatePostgres();
  }, LIMIT_MS);
  afterAll(() => server.stop());
  const socket = () => join(server.folder, '.s.PGSQL.5432');
  const trusted = () => odd.url().replace('ann:S3cr3t', 'postgres').replace('/log', '/postgres');

  test('keeps no migration', async () => {
    odd = await OddServer.start(stopsAt(socket(), /pg_advisory_xact_lock/));
    await expect(migrate(trusted(), null, 300)).rejects.toThrow(
      /expected a server that answers, saw Query read timeout/,
    );
    await until('no connection is left', () => odd.connections === 0);
  });

  test('keeps no read model', async () => {
    odd = await OddServer.start(stopsAt(socket(), /select 7/));
    const models = openPostgresReadModels(trusted(), 300);
    await expect(sql`select 7`.execute(models)).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE' });
    await models.destroy();
    await until('no connection is left', () => odd.connections === 0);
  });

  test('does not keep connections that were given back, although it says no goodbye', async () => {
    odd = await OddServer.start(stopsAt(socket(), /^X\0\0\0\x04/));
    const sessions = new Sessions({ url: trusted(), max: 2, name: 'test' });
    const taken = await Promise.all([sessions.take(), sessions.take()]);
    for (const each of taken) each.release();
    await sessions.end();
    await until('no connection is left', () => odd.connections === 0);
  });

  test('keeps no session that nothing is asked of, once it is told to end', async () => {
    odd = await OddServer.start(stopsAt(socket(), /select 7/));
    const stop = new AbortController();
    const asked = withOwnSession(
      { url: trusted(), name: 'test' },
      async (own: Session) => {
        const answer = own.query('select 7');
        stop.abort();
        await answer;
      },
      stop.signal,
    );
    await expect(asked).rejects.toThrow();
  });
});
