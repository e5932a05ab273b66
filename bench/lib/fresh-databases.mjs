import { createRequire } from 'node:module';
import { treeCpuMs } from './process-stats.mjs';
import { rounded } from './stats.mjs';

const require = createRequire(import.meta.url);
/** What makes an acknowledged commit survive a power cut. */
const DURABLE = ['fsync', 'synchronous_commit', 'full_page_writes'];

/** Gives every run a database of its own, and says what the run asked of the server. */
export class FreshDatabases {
  #serial = 0;

  /** @param {{urlOf: (database: string) => string, pid: number | null}} server */
  constructor(server) {
    const { Client } = require('pg');
    this.server = server;
    this.admin = new Client({ connectionString: server.urlOf('postgres') });
  }

  async open() {
    await this.admin.connect();
  }

  async close() {
    await this.admin.end();
  }

  /** Version and settings, for the first line of the results. */
  async describe() {
    const shown = await this.#show([...DURABLE, 'shared_buffers']);
    return { pg_version: (await this.#show(['server_version'])).server_version, pg_show: shown };
  }

  /** @param {(given: {database: string, serverPid: number | null}) => Promise<object>} run */
  async around(run) {
    await this.#demandDurable();
    const name = `run_${(this.#serial += 1)}`;
    await this.admin.query(`create database ${name}`);
    await this.admin.query('checkpoint');
    const before = await this.#counters(name);
    const record = await run({ database: this.server.urlOf(name), serverPid: this.server.pid });
    const after = await this.#counters(name);
    await this.admin.query(`drop database ${name} with (force)`);
    await this.#demandDurable();
    return { ...record, ...perTransition(record, before, after) };
  }

  async #counters(name) {
    const text = `select (select xact_commit from pg_stat_database where datname = $1) as commits,
      (select wal_sync from pg_stat_wal) as syncs, pg_database_size($1::name) as bytes`;
    const { rows } = await this.admin.query(text, [name]);
    return Object.fromEntries(Object.entries(rows[0]).map(([key, value]) => [key, Number(value)]));
  }

  async #show(names) {
    const shown = {};
    for (const name of names) shown[name] = Object.values((await this.admin.query(`show ${name}`)).rows[0])[0];
    return shown;
  }

  async #demandDurable() {
    const off = Object.entries(await this.#show(DURABLE)).filter(([, value]) => value !== 'on');
    if (off.length > 0) throw new Error(`expected ${off.map(([name]) => name).join(', ')} on, saw off`);
  }
}

/** CPU of the server and its backends, the ended ones included, µs. */
export function serverCpuUs(pid) {
  return treeCpuMs(pid) * 1000;
}

function perTransition({ total_transitions: total }, before, after) {
  if (!total) return {};
  return {
    commits_per_transition: rounded((after.commits - before.commits) / total),
    wal_sync_per_transition: rounded((after.syncs - before.syncs) / total),
    bytes_per_transition: Math.round((after.bytes - before.bytes) / total),
  };
}
