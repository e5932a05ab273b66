import { FreshDatabases } from '../lib/fresh-databases.mjs';
import { fileSystemOf } from '../lib/machine.mjs';
import { findPostgres, startPostgres } from '../lib/private-postgres.mjs';
import { runRounds } from '../lib/rounds.mjs';

/** Two seconds or 2,000 transitions, whichever takes longer; a slow engine gets no more than 15 seconds. */
const WINDOW = { warmupMs: 600, windowMs: 2_000, leastTransitions: 2_000, capMs: 15_000 };
const JOB = { workload: 'W1', payloadBytes: 30, window: WINDOW };
const ENGINES = [
  { driver: 'store', label: 'stagegate store', ...JOB },
  { driver: 'service', label: 'stagegate service', files: false, ...JOB },
];

/** The product on PostgreSQL against a plain INSERT on the same server. */
export const postgres = {
  name: 'postgres',
  control: 'append',
  sharing: new Set(['stagegate store', 'stagegate service']),
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
      const engines = ENGINES.filter(({ driver }) => !only || only.includes(driver));
      const control = { driver: 'append', label: 'append', ...JOB };
      await runRounds({ rounds, C, control, engines, around: (run) => databases.around(run) }, emit);
    } finally {
      await databases.close();
      await server.stop();
    }
  },
};

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
