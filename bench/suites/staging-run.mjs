import { runInChild } from '../lib/child.mjs';

const RUNS = 20;

/** What one staging run costs around its git commands and the suite itself. */
export const stagingRun = {
  name: 'staging-run',
  async run({ runs = RUNS }, emit) {
    emit({ type: 'staging-run', ...(await runInChild('staging.mjs', { runs })) });
  },
};
