import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { unprivilegedAccount, type PrivatePostgres } from './private-postgres';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((path) =>
  existsSync(path),
);
const PORT = 6432;
const LOOK_EVERY_MS = 20;

/** Why there is none on this machine; null when there is. */
export const NO_PGBOUNCER = PROGRAM === undefined ? 'no pgbouncer here; apt-get install pgbouncer' : null;

export interface PgBouncerOptions {
  readonly mode: 'session' | 'transaction' | 'statement';
  /** Startup parameters that it swallows instead of refusing them. */
  readonly ignored: readonly string[];
}

/** The real PgBouncer in front of a private server, on a socket in a folder of its own. `stop` it. */
export class PrivatePgBouncer {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(server: PrivatePostgres, { mode, ignored }: PgBouncerOptions): Promise<PrivatePgBouncer> {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-pgbouncer-'));
    const account = unprivilegedAccount();
    const file = join(folder, 'pgbouncer.ini');
    const settings = [
      'listen_addr =',
      `unix_socket_dir = ${folder}`,
      `listen_port = ${PORT}`,
      'auth_type = any',
      `pool_mode = ${mode}`,
      `ignore_startup_parameters = ${ignored.join(', ')}`,
    ];
    const databases = `* = host=${server.folder} port=5432 user=postgres`;
    writeFileSync(file, ['[databases]', databases, '[pgbouncer]', ...settings, ''].join('\n'));
    if (account) for (const path of [folder, file]) chownSync(path, account.uid, account.gid);
    const child = spawn(PROGRAM ?? 'pgbouncer', [file], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...account,
    });
    const bouncer = new PrivatePgBouncer(folder, child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!existsSync(join(folder, `.s.PGSQL.${PORT}`))) {
      if (child.exitCode !== null) throw new Error(`pgbouncer did not start:\n${said}`);
      await delay(LOOK_EVERY_MS);
    }
    return bouncer;
  }

  url(database: string): string {
    return `postgres://postgres@/${database}?host=${encodeURIComponent(this.folder)}&port=${PORT}`;
  }

  async stop(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
