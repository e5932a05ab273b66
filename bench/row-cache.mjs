// What it brings that a process keeps the rows it has written: `node bench/row-cache.mjs [--rounds 5] [--sqlite]`.
// Read models are given a log page by page, once with known rows and once without, in databases of their own, in turn.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FreshDatabases } from './lib/fresh-databases.mjs';
import { interleavedLog } from './lib/interleaved-log.mjs';
import { removeFolder, workFolder } from './lib/machine.mjs';
import { findPostgres, startPostgres } from './lib/private-postgres.mjs';
import { cpuMs } from './lib/process-stats.mjs';
import { product } from './lib/product.mjs';
import { median, rounded } from './lib/stats.mjs';

const { catchUpOnce } = product('projections/following/catch-up.js');
const { ensureGenerationTable } = product('projections/generations/generations.js');
const { RowCache } = product('projections/rows/row-cache.js');
const { PROJECTIONS } = product('projections/projections.js');

/** A transition of one task; what a busy service appends in 15 ms; a page of one that is behind. */
const PAGES = [6, 24, 96];
const ROUND_MS = 8_000;

const { values: flags } = parseArgs({ options: { rounds: { type: 'string' }, sqlite: { type: 'boolean' } } });
const events = await interleavedLog(60, 32);
const [first] = events;
const store = { readAll: async () => ({ events: [first], next: first.position, end: true }) };
const log = { place: async () => 'bench', holds: async () => true };

const databases = flags.sqlite ? sqlite() : await postgres();
try {
  await round(PAGES[0]);
  for (const size of PAGES) {
    const ratios = [];
    for (let count = 0; count < Number(flags.rounds ?? 5); count += 1) ratios.push(await round(size));
    const [cpu, wall] = ['cpuUs', 'wallMs'].map((name) => ratios.map(({ known, none }) => known[name] / none[name]));
    const figures = {
      cpu_ratio: rounded(median(cpu)),
      cpu_ratios: cpu.map(rounded),
      wall_ratio: rounded(median(wall)),
    };
    process.stdout.write(`${JSON.stringify({ type: 'row-cache', page: size, sqlite: !!flags.sqlite, ...figures })}\n`);
  }
} finally {
  await databases.close();
}

/** The same pages to both, so that whatever else the machine does hits both. */
async function round(size) {
  const sides = {
    known: await side(new RowCache()),
    none: await side({ take: () => new Map(), keep: () => undefined }),
  };
  const until = performance.now() + ROUND_MS;
  for (let at = 1, turn = 0; at < events.length && performance.now() < until; at += size, turn += 1) {
    const part = events.slice(at, at + size);
    const page = { after: events[at - 1].position, events: part, next: part.at(-1).position };
    for (const one of turn % 2 ? [sides.none, sides.known] : [sides.known, sides.none]) await one.take(page);
  }
  return { known: await sides.known.end(), none: await sides.none.end() };
}

async function side(known) {
  const { db, serverCpuUs, close } = await databases.open();
  const deps = { store, db, log, known };
  await ensureGenerationTable(db);
  await catchUpOnce(deps, PROJECTIONS);
  const before = await serverCpuUs();
  const spent = { cpuUs: 0, wallMs: 0 };
  return {
    async take(page) {
      const [cpu, wall] = [process.cpuUsage(), performance.now()];
      await catchUpOnce({ ...deps, page }, PROJECTIONS);
      const { user, system } = process.cpuUsage(cpu);
      spent.cpuUs += user + system;
      spent.wallMs += performance.now() - wall;
    },
    async end() {
      spent.cpuUs += (await serverCpuUs()) - before;
      await close();
      return spent;
    },
  };
}

function sqlite() {
  const dir = workFolder();
  let serial = 0;
  const open = async () => {
    const { openReadModels } = product('infrastructure/read-models/open-read-models.js');
    const db = await openReadModels(join(dir, `${(serial += 1)}.db`));
    return { db, serverCpuUs: async () => 0, close: () => db.destroy() };
  };
  return { open, close: async () => removeFolder(dir) };
}

async function postgres() {
  const bin = findPostgres();
  if (!bin) throw new Error('expected PostgreSQL on the PATH or in /usr/lib/postgresql, saw none; use --sqlite');
  const server = await startPostgres(bin);
  const fresh = new FreshDatabases(server);
  await fresh.open();
  const { admin } = fresh;
  let serial = 0;
  const open = async () => {
    const name = `known_${(serial += 1)}`;
    await admin.query(`create database ${name}`);
    const { openPostgresReadModels } = product('infrastructure/read-models/open-postgres-read-models.js');
    const db = await openPostgresReadModels(server.urlOf(name));
    const serverCpuUs = async () => {
      const { rows } = await admin.query('select pid from pg_stat_activity where datname = $1', [name]);
      return rows.reduce((sum, { pid }) => sum + cpuMs(pid) * 1_000, 0);
    };
    const close = async () => {
      await db.destroy();
      await admin.query(`drop database ${name} with (force)`);
    };
    return { db, serverCpuUs, close };
  };
  return {
    open,
    close: async () => {
      await fresh.close();
      await server.stop();
    },
  };
}
