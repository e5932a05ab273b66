import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { startPrivatePostgres, type PrivatePostgres } from '../../support/private-postgres';
import { until } from '../../contract/support/until';

const LIMIT_MS = 120_000;
const SUPPORT = resolve(__dirname, '../../support');

let postgres: PrivatePostgres;
beforeAll(async () => {
  postgres = await startPrivatePostgres();
}, LIMIT_MS);
afterAll(() => postgres.stop());

test(
  'a server that is killed comes back with what was committed',
  async () => {
    const database = await postgres.createDatabase();
    await postgres.query('create table t (a int); insert into t values (1)', database);
    await postgres.kill();
    await expect(postgres.query('select 1')).rejects.toThrow();
    await postgres.start();
    expect(await postgres.query('select * from t', database)).toEqual([{ a: 1 }]);
  },
  LIMIT_MS,
);

test('roles other than the superuser need their password', async () => {
  await postgres.createRole('ann');
  const url = (password: string) => postgres.url('postgres', 'ann', password);
  expect(new URL(url('secret')).username).toBe('ann');
  const { Client } = await import('pg');
  const wrong = new Client({ connectionString: url('wrong') });
  await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' });
  const right = new Client({ connectionString: url('secret') });
  await right.connect();
  await right.end();
});

test(
  'a test process that is killed leaves no server and no files',
  async () => {
    const args = ['--require', resolve(SUPPORT, 'ts-register.cjs'), resolve(SUPPORT, 'private-postgres-child.ts')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const folder = new URL(line.toString().trim()).searchParams.get('host') ?? '';
    expect(existsSync(folder)).toBe(true);
    child.kill('SIGKILL');
    await until('the folder is gone', () => !existsSync(folder), 60_000);
  },
  LIMIT_MS,
);
