import { runInChild } from '../lib/child.mjs';

const LIMIT_MS = 1_800_000;
const GATES = { files: 1_000, landings: 12 };

/** What gates that read reports add to a landing, without what their commands take. */
export const gates = {
  name: 'gates',
  async run({ gates: job = GATES }, emit) {
    emit({ ...(await runInChild('landing.mjs', { phase: 'landing-gates', ...job }, LIMIT_MS)), type: 'landing-gates' });
  },
};
