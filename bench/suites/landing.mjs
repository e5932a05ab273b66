import { runInChild } from '../lib/child.mjs';
import { landStarts } from '../lib/land-starts.mjs';

const LIMIT_MS = 3_600_000;
const SMALL = { files: 10, landings: 40 };
const LARGE = { files: 15_000, landings: 6 };
const MANY = { files: 10, landings: 1_000 };
const STARTS = 15;

/** What a landing that needs a rebase costs: beside `git rebase`, in a large tree, at the start of `land`, and after many. */
export const landing = {
  name: 'landing',
  async run({ small = SMALL, large = LARGE, many = MANY, starts = STARTS }, emit) {
    const phase = async (name, job) => {
      emit({ ...(await runInChild('landing.mjs', { phase: name, ...job }, LIMIT_MS)), type: name });
    };
    await phase('landing-small', small);
    await phase('landing-large', large);
    emit(await landStarts(starts));
    await phase('landing-many', many);
  },
};
