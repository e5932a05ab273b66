import { spawn, execFile } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const SETTINGS = {
  listen_addresses: "'127.0.0.1'",
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  max_connections: '200',
  logging_collector: 'off',
  log_min_messages: 'fatal',
};
/** Accounts that exist on every Linux and own nothing. PostgreSQL refuses to run as root. */
const ACCOUNTS = ['postgres', 'nobody'];
const START_LIMIT_MS = 30_000;

/** Folder of PostgreSQL's programs: on the PATH, else where Debian keeps them. @returns null when there is none. */
export function findPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null;
}

/** A server of our own, on the loopback, on fresh files, durable as PostgreSQL is by default. */
export async function startPostgres(bin) {
  const dir = mkdtempSync(join(tmpdir(), 'stagegate-bench-pg-'));
  const owner = process.getuid() === 0 ? accountOf(ACCOUNTS) : {};
  if (owner.uid !== undefined) chownSync(dir, owner.uid, owner.gid);
  const data = join(dir, 'data');
  const port = await freePort();
  const initdb = ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run(join(bin, 'initdb'), initdb, { ...owner, cwd: dir, env: { PATH: process.env.PATH } });
  const lines = Object.entries({ ...SETTINGS, port, unix_socket_directories: `'${dir}'` });
  writeFileSync(join(data, 'postgresql.auto.conf'), lines.map(([name, value]) => `${name} = ${value}\n`).join(''));
  const server = spawn(join(bin, 'postgres'), ['-D', data], { ...owner, cwd: dir, stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    server.kill('SIGINT');
    await ended;
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  const urlOf = (database) => `postgres://bench@127.0.0.1:${port}/${database}`;
  await untilReady(urlOf('postgres'), ended).catch(async (error) => {
    await stop();
    throw error;
  });
  return { pid: server.pid, dir, urlOf, stop };
}

async function untilReady(url, ended) {
  const { Client } = require('pg');
  const until = performance.now() + START_LIMIT_MS;
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (performance.now() < until && !isOver) {
    const client = new Client({ connectionString: url });
    const isReady = await client.connect().then(
      () => true,
      // Not yet.
      () => false,
    );
    if (isReady) return client.end();
    await delay(50);
  }
  throw new Error(
    isOver ? 'PostgreSQL ended while it was starting' : `PostgreSQL did not start in ${START_LIMIT_MS} ms`,
  );
}

function accountOf(names) {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = names.map((wanted) => lines.find(([name]) => name === wanted)).find(Boolean);
  if (!found) throw new Error(`expected one of the accounts ${names.join(', ')}, saw none; run as an ordinary user`);
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
