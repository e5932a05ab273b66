import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeBacklog } from './backlog.mjs';
import { openReadModels, openStore } from './open-store.mjs';
import { product } from './product.mjs';
import { openRaw } from './raw-log.mjs';
import { projectsOf } from './service.mjs';

const PAGE = 2_000;
/** As those read who follow the log. Whole events are larger than rows: more of them at once only keep the collector busy. */
const FOLLOWED_PAGE = 500;
const PREFIXES = ['task-', 'lane-', 'policy-'];
export const PROJECTS = Array.from({ length: 10 }, (_, index) => `p${index}`);

/**
 * Each reads the log that `fill` wrote, or writes from it, and says how many events that were. `seconds` is in
 * milliseconds, for what leaves opening and closing out.
 */
export const PHASES = {
  async fill(job) {
    const { NodeHasher } = product('infrastructure/system/node-hasher.js');
    const { CryptoIds } = product('infrastructure/system/crypto-ids.js');
    const agents = { analyst: { command: ['analyst'] } };
    const projects = projectsOf(
      PROJECTS.map((project) => ({ project, repo: '/', staging: { suite: 'true' }, onSilentRevert: 'off', agents })),
    );
    const store = await openStore(job);
    const events = await writeBacklog({
      store,
      hasher: new NodeHasher(),
      ids: new CryptoIds(),
      projects,
      tasks: job.tasks,
    });
    await store.close();
    return { events, bytes: sizeOf(job, 'events.db') };
  },

  /** Floor of reading: the driver alone, in pages, with the JSON parsed. */
  async 'raw read'(job) {
    const raw = await openRaw(job);
    let events = 0;
    const ms = await timed(async () => {
      for await (const page of raw.pages(PAGE)) events += page.length;
    });
    await raw.close();
    return { events, seconds: ms };
  },

  /** Every task's state, folded from the whole log through the store's port; a revision out of order is a gap. */
  async 'full fold'(job) {
    const { foldStored, NOTHING_LOADED } = product('application/task-repository.js');
    const store = await openStore(job);
    const tasks = new Map();
    let events = 0;
    let gaps = 0;
    const ms = await timed(async () => {
      for await (const page of pagesOf(store)) {
        events += page.length;
        for (const stored of page) {
          const before = tasks.get(stored.stream) ?? NOTHING_LOADED;
          const expected = before.revision === 'no-stream' ? 0n : before.revision + 1n;
          if (stored.revision !== expected) gaps += 1;
          tasks.set(stored.stream, foldStored(before, stored));
        }
      }
    });
    await store.close();
    const complete = tasks.size === job.tasks && gaps === 0;
    return { events, seconds: ms, ...(!complete && { why_invalid: `${tasks.size} tasks, ${gaps} gaps` }) };
  },

  /** Floor of rebuilding: one table with one row per stream, one statement and one commit for each page. */
  async 'floor rebuild'(job) {
    const raw = await openRaw(job);
    const rows = await raw.openFloorTable(job.round);
    let events = 0;
    const ms = await timed(async () => {
      for await (const page of raw.pages(PAGE)) {
        events += page.length;
        await rows.upsert(lastOfEachStream(page));
      }
    });
    const count = await rows.count();
    await raw.close();
    return { events, seconds: ms, ...(count !== job.tasks && { why_invalid: `${count} rows` }) };
  },

  'rebuild queue': (job) => rebuild(job, ['queue'], `queue-${job.round}.db`),
  'rebuild all': (job) => rebuild(job, null, 'read-model.db'),
};

async function rebuild(job, names, file) {
  const { ProjectionRunner } = product('projections/following/projection-runner.js');
  const { LogIdentity } = product('application/log-identity.js');
  const { PROJECTIONS } = product('projections/projections.js');
  const { SystemClock } = product('infrastructure/system/system-clock.js');
  const { PinoLogger } = product('infrastructure/system/pino-logger.js');
  const { getQueue } = product('projections/queue/get-queue.query.js');
  const { ReadModels } = product('projections/read-models.js');
  const store = await openStore(job);
  const db = await openReadModels({ ...job, file });
  const log = new LogIdentity(store);
  const deps = { store, db, log, clock: new SystemClock(), logger: new PinoLogger({ level: 'warn' }) };
  const wanted = PROJECTIONS.filter(({ name }) => names?.includes(name) ?? true);
  const ms = await timed(() => new ProjectionRunner(deps, wanted).catchUp());
  const models = new ReadModels(db, log);
  const { stages } = await getQueue({ ...deps, models, projects: projectsOf([]) });
  const open = stages.reduce((sum, stage) => sum + stage.open, 0);
  await db.destroy();
  await store.close();
  const bytes = sizeOf(job, file);
  return {
    events: job.events,
    seconds: ms,
    bytes,
    ...(open !== job.tasks && { why_invalid: `${open} tasks in the queue` }),
  };
}

/** Of a closed file: what waited in the write-ahead log is in it. */
function sizeOf({ dir }, file) {
  return statSync(join(dir, file)).size;
}

async function* pagesOf(store) {
  let after;
  for (let end = false; !end;) {
    const page = await store.readAll({ ...(after && { after }), prefixes: PREFIXES, limit: FOLLOWED_PAGE });
    ({ next: after, end } = page);
    yield page.events;
  }
}

function lastOfEachStream(page) {
  const last = new Map();
  for (const { stream, revision, type, at } of page) last.set(stream, { stream, revision, type, at });
  return [...last.values()];
}

async function timed(work) {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
