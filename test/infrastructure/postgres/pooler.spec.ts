import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../support/cli';
import { CliSession } from '../../support/cli-session';
import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import { NO_PGBOUNCER, PrivatePgBouncer, type PgBouncerOptions } from '../../support/private-pgbouncer';
import { testWherePossible } from '../../support/test-where-possible';
import { STORE_VERBS } from './store-verbs';

const LIMIT_MS = 180_000;

let logs: PostgresLogs;
let database: string;
let folder: string;
const session = new CliSession();

beforeAll(async () => {
  logs = await startPostgresLogs();
  database = await logs.create();
  folder = mkdtempSync(join(tmpdir(), 'stagegate-pooler-'));
  const web = { repo: folder, staging: { suite: 'true' } };
  writeFileSync(join(folder, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  writeFileSync(join(folder, 'log.jsonl'), '');
}, LIMIT_MS);
afterAll(async () => {
  await session.close();
  await logs.stop();
  rmSync(folder, { recursive: true });
});

const env = (stores: Record<string, string>) => ({
  STAGEGATE_STATE_DIR: join(folder, 'state'),
  STAGEGATE_PROJECTS: join(folder, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  ...stores,
});

const CASES: readonly PgBouncerOptions[] = [
  { mode: 'transaction', ignored: ['extra_float_digits'] },
  { mode: 'transaction', ignored: ['extra_float_digits', 'options'] },
  { mode: 'statement', ignored: ['options'] },
  { mode: 'session', ignored: ['options'] },
];

describe.each(CASES)('PgBouncer in $mode mode that ignores $ignored', (options) => {
  testWherePossible(
    NO_PGBOUNCER,
    'is refused by every command in one line, and nothing is done through it',
    async () => {
      const bouncer = await PrivatePgBouncer.start(logs.server, options);
      const refusal = options.ignored.includes('options')
        ? /expected a session of its own.*, saw a pooler, which hands sessions on; connect to PostgreSQL itself/
        : /expected a PostgreSQL of 15 or newer that sets up .*, saw unsupported startup parameter: options; connect to/;
      const isOneLine = (text: string) => {
        expect(text).toMatch(refusal);
        expect(text.trim().split('\n')).toHaveLength(1);
      };
      try {
        const log = { STAGEGATE_EVENT_STORE_URL: bouncer.url(database) };
        for (const verb of options.mode === 'transaction' ? STORE_VERBS : [['migrate'], ['doctor']]) {
          const { code, stdout, stderr } = await session.run(verb, env(log), folder);
          expect([verb, code]).toEqual([verb, verb[0] === 'doctor' ? 3 : 2]);
          if (verb[0] === 'doctor') expect(stdout).toMatch(refusal);
          else isOneLine(stderr);
        }
        const both = [log, { STAGEGATE_READ_MODEL_URL: bouncer.url(database) }];
        for (const stores of both) {
          const { code, stderr } = await runCli(['up'], env(stores), folder);
          expect(code).toBe(2);
          isOneLine(stderr);
        }
        const sql = `select (select position from stagegate.head) as head,
          (select count(*) from pg_class where relnamespace = 'stagegate_read'::regnamespace) as tables`;
        expect(await logs.server.query(sql, database)).toEqual([{ head: '0', tables: '0' }]);
      } finally {
        await bouncer.stop();
      }
    },
    LIMIT_MS,
  );
});
