import { runInChild } from '../lib/child.mjs';
import { hasMemoryFolder } from '../lib/machine.mjs';

const LIMIT_MS = 1_800_000;
const GATES = { files: 1_000, landings: 24 };

/**
 * What gates that read reports add to a landing, without what their commands take: on the disk of the checkout, and in memory. Only the folder
 * differs in which service and repository lie, so what the second one leaves out is the disk's file system.
 */
export const gates = {
  name: 'gates',
  async run({ gates: job = GATES }, emit) {
    const measure = (place) => runInChild('landing.mjs', { phase: 'landing-gates', ...job, place }, LIMIT_MS);
    emit({ ...(await measure('disk')), type: 'landing-gates' });
    if (hasMemoryFolder()) emit({ ...(await measure('memory')), type: 'landing-gates-memory' });
  },
};
