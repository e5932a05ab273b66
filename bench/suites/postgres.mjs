import { runInChild } from '../lib/child.mjs';
import { FreshDatabases } from '../lib/fresh-databases.mjs';
import { fileSystemOf } from '../lib/machine.mjs';
import { findPostgres, startPostgres } from '../lib/private-postgres.mjs';
import { runRounds } from '../lib/rounds.mjs';

/** Two seconds or 2,000 transitions, whichever takes longer; a slow engine gets no more than 15 seconds. */
const WINDOW = { warmupMs: 600, windowMs: 2_000, leastTransitions: 2_000, capMs: 15_000 };
const JOB = { workload: 'W1', payloadBytes: 30, window: WINDOW };
const ENGINES = [
  { driver: 'store', label: 'stagegate store', ...JOB },
  { driver: 'service', label: 'stagegate write side', files: false, readSide: false, ...JOB },
  { driver: 'service', label: 'stagegate service', files: false, ...JOB },
];

/** The product on PostgreSQL against a plain INSERT on the same server. */
export const postgres = {
  name: 'postgres',
  control: 'append',
  sharing: new Set(['stagegate store', 'stagegate write side', 'stagegate service']),
  async run({ rounds = 5, only, C = [8, 1, 32] }, emit) {
    const server = await openServer(emit);
    if (!server) return;
    const databases = new FreshDatabases(server);
    try {
      await databases.open();
      emit({
        type: 'server',
        ...(await databases.describe()),
        data_fs: server.dir ? fileSystemOf(server.dir) : 'unknown',
      });
      const engines = ENGINES.filter(({ label }) => !only || only.some((name) => label.endsWith(name)));
      const control = { driver: 'append', label: 'append', ...JOB };
      await runRounds({ rounds, C, control, engines, around: (run) => databases.around(run) }, emit);
      if (engines.some(({ label }) => label === 'stagegate service')) emit(await visibility(databases));
    } finally {
      await databases.close();
      await server.stop();
    }
  },
};

/** From the acknowledged append to the queue that shows it, with two tasks in flight: about half of what it can do. */
async function visibility(databases) {
  const job = { driver: 'service', label: 'stagegate service', files: false, ...JOB, C: 2, visibility: true };
  const window = { warmupMs: 2_000, windowMs: 25_000 };
  const record = await databases.around((given) => runInChild('one.mjs', { ...job, ...given, window }));
  const { p50 = null, p99 = null, n = 0 } = record.visible_ms ?? {};
  const { valid, why_invalid, load1 } = record;
  return { type: 'visibility', p50_ms: p50, p99_ms: p99, samples: n, valid, why_invalid, load1 };
}

/** A given server, else one of our own. @returns null when there is neither; the results then say so. */
async function openServer(emit) {
  const given = process.env.BENCH_DATABASE_URL;
  if (given) {
    const urlOf = (database) => Object.assign(new URL(given), { pathname: `/${database}` }).href;
    return { urlOf, pid: null, dir: null, stop: async () => undefined };
  }
  const bin = findPostgres();
  if (bin) return startPostgres(bin);
  const reason = 'no PostgreSQL: neither on the PATH nor in /usr/lib/postgresql, and BENCH_DATABASE_URL is not set';
  emit({ type: 'unavailable', engine: 'postgres', reason });
  return null;
}
