import { runRounds } from '../lib/rounds.mjs';

const APPEND = { warmupMs: 200, windowMs: 600 };
/** The service needs its code compiled before it shows what it can do. */
const SERVICE = { warmupMs: 1_000, windowMs: 1_000 };
const EVENT = { workload: 'W9', payloadBytes: 300, window: APPEND };

/** The embedded default against an fsynced file: its store alone, and the whole service on it. */
export const embedded = {
  name: 'embedded',
  control: 'file',
  sharing: new Set(['stagegate store']),
  async run({ rounds = 5, only }, emit) {
    const engines = [
      { driver: 'sqlite', label: 'sqlite-insert', ...EVENT },
      { driver: 'store', label: 'stagegate store', ...EVENT },
      { driver: 'service', label: 'stagegate service', workload: 'W1', files: true, window: SERVICE },
    ].filter(({ driver }) => !only || only.includes(driver));
    const control = { driver: 'file', label: 'file', ...EVENT };
    await runRounds({ rounds, C: [8, 1], control, engines }, emit);
  },
};
