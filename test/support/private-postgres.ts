import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, type QueryResultRow } from 'pg';
import { postgresBinaries } from './postgres-binaries';

const SUPERUSER = 'postgres';
/** Of every role that `createRole` makes. */
export const PASSWORD = 'secret';
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 10;
const SETTINGS = [
  'listen_addresses=',
  'shared_buffers=32MB',
  'max_connections=80',
  'jit=off',
  'log_line_prefix=%m %p %a ',
];

/**
 * Waits until the test process lets go of its standard input, by finishing or by dying however suddenly; then ends the
 * server, also one that stands still, and removes everything. A server that was killed leaves a segment of shared memory,
 * which is told by its file.
 */
const GUARD = `
read -r _
file="$1/data/postmaster.pid"
pid=$(sed -n 1p "$file" 2>/dev/null)
for process in /proc/[0-9]*; do
  [ "$(readlink "$process/cwd")" = "$1/data" ] && kill -CONT "\${process#/proc/}"
done 2>/dev/null
if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; then
  kill -QUIT "$pid"
  for _ in $(seq 100); do [ -e "/proc/$pid" ] || break; sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null
else
  ipcrm -m "$(sed -n 7p "$file" 2>/dev/null | awk '{print $2}')" 2>/dev/null
fi
rm -rf "$1"
`;

/**
 * A PostgreSQL server of this test file's own, on a socket in a temporary folder: nobody else can reach it, and it needs
 * no free port. Also as root, where the server runs as an unprivileged account that exists already.
 *
 * @param isNewest of a later version than the oldest that is supported.
 * @param language of its messages where `lc_messages` is a locale other than C, if it has words of that language.
 *
 * Call `stop` in `afterAll`; a test process that is killed leaves nothing behind either.
 */
export async function startPrivatePostgres({ language = 'C', isNewest = false } = {}): Promise<PrivatePostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-pg-'));
  const guard = spawn('sh', ['-c', GUARD, 'guard', folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const account = unprivilegedAccount();
  if (account) chownSync(folder, account.uid, account.gid);
  chmodSync(folder, 0o700);
  const postgres = new PrivatePostgres(folder, guard, account, language, isNewest);
  try {
    await postgres.create();
    await postgres.start();
    return postgres;
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

export class PrivatePostgres {
  private server: ChildProcess | null = null;
  private binaries = '';
  private databases = 0;

  constructor(
    /** Gone with the server. */
    readonly folder: string,
    private readonly guard: ChildProcess,
    private readonly account: Account | null,
    private readonly language: string,
    private readonly isNewest: boolean,
  ) {}

  /** Everybody but the superuser needs a password. */
  async create(): Promise<void> {
    const options = ['--username', SUPERUSER, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
    this.binaries = postgresBinaries(this.folder, this.isNewest);
    await promisify(execFile)(join(this.binaries, 'initdb'), ['--pgdata', this.data, ...options], this.spawnOptions());
    const access = `local all ${SUPERUSER} trust\nlocal all all scram-sha-256\n`;
    writeFileSync(join(this.data, 'pg_hba.conf'), access);
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'log'), 'a');
    const settings = [...SETTINGS, `unix_socket_directories=${this.folder}`].flatMap((setting) => ['-c', setting]);
    const server = spawn(join(this.binaries, 'postgres'), ['-D', this.data, ...settings], {
      ...this.spawnOptions(),
      detached: true,
      stdio: ['ignore', log, log],
    });
    server.unref();
    this.server = server;
    const startedAt = performance.now();
    while (!this.isReady(server)) {
      const isOver = server.exitCode !== null || performance.now() - startedAt > READY_WITHIN_MS;
      if (isOver) throw new Error(`the private PostgreSQL did not start:\n${this.log().slice(-2_000)}`);
      await delay(LOOK_EVERY_MS);
    }
  }

  /** `kill -9` of the whole server's main process. Resolves when every process of it is gone; `start` brings it back. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops every process of it where it is, as a machine that hangs does; `thaw` lets them go on. */
  freeze(): void {
    for (const pid of this.processes()) process.kill(Number(pid), 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.processes()) process.kill(Number(pid), 'SIGCONT');
  }

  /** Ends it in order, with its files kept; open connections are broken off. */
  async shutDown(): Promise<void> {
    await this.end('SIGINT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    if (!server) return;
    // Until it is waited for, its number is taken, and the next one believes that it still runs.
    const gone = server.exitCode === null && server.signalCode === null ? once(server, 'exit') : null;
    server.kill(signal);
    await gone;
    while (this.processes().length > 0) await delay(LOOK_EVERY_MS);
  }

  /** Ends it and removes everything. */
  async stop(): Promise<void> {
    const gone = once(this.guard, 'exit');
    this.guard.stdin?.end();
    await gone;
  }

  url(database: string = SUPERUSER, role: string = SUPERUSER, password = PASSWORD): string {
    const credentials = role === SUPERUSER ? role : `${role}:${password}`;
    return `postgres://${credentials}@localhost/${database}?host=${encodeURIComponent(this.folder)}`;
  }

  /** @returns the name of a new database: an empty one, or a copy of `template`, to which nobody is connected. */
  async createDatabase({ owner = SUPERUSER, template = 'template0', encoding = 'UTF8' } = {}): Promise<string> {
    this.databases += 1;
    const name = `test_${this.databases}`;
    await this.query(`create database ${name} owner ${owner} template ${template} encoding '${encoding}'`);
    return name;
  }

  async createRole(name: string): Promise<void> {
    await this.query(`create role ${name} login password '${PASSWORD}'`);
  }

  /** One or more statements as superuser, on a connection of their own. @returns the rows of the last. */
  async query<Row extends QueryResultRow>(sql: string, database: string = SUPERUSER): Promise<Row[]> {
    const client = new Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      const result = await client.query<Row>(sql);
      const all: unknown = result;
      return Array.isArray(all) ? ((all as (typeof result)[]).at(-1)?.rows ?? []) : result.rows;
    } finally {
      await client.end();
    }
  }

  /** What the server wrote so far. */
  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  /** The server's own word: the eighth line of the file it keeps while it runs. */
  private isReady({ pid }: ChildProcess): boolean {
    try {
      const lines = readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n');
      return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
    } catch {
      return false; // Not written yet.
    }
  }

  /** Every process of the server stands in its data folder. */
  private processes(): readonly string[] {
    return readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === this.data;
      } catch {
        return false; // Gone, or somebody else's.
      }
    });
  }

  private spawnOptions() {
    return {
      cwd: this.folder,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', LANGUAGE: this.language },
      ...this.account,
    };
  }
}

/** As which a server may be run by root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; null where this is no root. */
export function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const found = accounts.find(([name]) => name === wanted);
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error(
    'expected an account postgres or nobody to run the server as, saw neither; run the tests as an ordinary user',
  );
}
