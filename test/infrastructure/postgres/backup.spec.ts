import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { migrate } from '../../../src/infrastructure/event-stores/postgres/migrate';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { exported } from '../../contract/event-store/moving.contract';
import { event, outcome } from '../../contract/support/events';
import { textOf } from '../../docs/pages';
import { ChainedLog } from '../../support/chained-log';
import { startPrivatePostgres } from '../../support/private-postgres';
import { QuietLogger } from '../../support/quiet-logger';
import { testWherePossible } from '../../support/test-where-possible';

const OWNER = 'postgres://stagegate_owner:…@db.example/stagegate';

/** As docs/operations.md has it, at another server and for files elsewhere. */
function command(program: string, urls: Readonly<Record<string, string>>, folder: string): string {
  const line = textOf('docs/operations.md')
    .split('\n')
    .find((one) => one.startsWith(program));
  if (line === undefined) throw new Error(`docs/operations.md shows no ${program}`);
  // The longer one first: the other is its beginning.
  const [restored = '', log = ''] = [urls['restored'], urls['log']];
  return line
    .replace(`${OWNER}_restored`, `'${restored}'`)
    .replace(OWNER, `'${log}'`)
    .replace('log.dump', join(folder, 'log.dump'));
}

function obstacle(): string | null {
  try {
    execFileSync('sh', ['-c', 'pg_dump --version && pg_restore --version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'no pg_dump and pg_restore on PATH';
  }
}

testWherePossible(
  obstacle(),
  'a log that is restored as the page says is the same, and goes on',
  async () => {
    const server = await startPrivatePostgres();
    try {
      for (const role of ['owner', 'service']) await server.createRole(role);
      const [log, restored] = [
        await server.createDatabase({ owner: 'owner' }),
        await server.createDatabase({ owner: 'owner' }),
      ];
      await migrate(server.url(log, 'owner'), 'service');
      const open = (database: string) =>
        new PostgresEventStore(server.url(database, 'service'), new Reachability(new QuietLogger()));
      const before = open(log);
      await new ChainedLog(before).fill(50);
      const saved = await exported(before);
      await before.close();

      const urls = { log: server.url(log, 'owner'), restored: server.url(restored, 'owner') };
      const run = (program: string) =>
        execFileSync('sh', ['-c', command(program, urls, server.folder)], { encoding: 'utf8', stdio: 'pipe' });
      run('pg_dump');
      run('pg_restore');
      await migrate(server.url(restored, 'owner'), 'service');
      const after = open(restored);
      await after.verify();
      expect(await exported(after)).toBe(saved);
      expect(await outcome(after.append('task-web.new', 'no-stream', [event()]))).toBe('ok 0');
      await after.close();
    } finally {
      await server.stop();
    }
  },
  120_000,
);
