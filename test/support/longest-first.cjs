// Which test files Jest starts first. It knows how long each took the last time, but on a clean checkout nothing, and then
// goes by their size: a short file that runs for half a minute began when all others were done, and kept one core idle.
const { existsSync } = require('node:fs');
const { resolve } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Those that take a core many seconds or wait for long, the longest first. */
const LONGEST = [
  'e2e/odd-log.spec.ts',
  'simulation/simulation.spec.ts',
  'simulation/mutants/gates.spec.ts',
  'e2e/report-gates.spec.ts',
  'projections/following/projection-runner.spec.ts',
  'infrastructure/processes/levels.spec.ts',
  'simulation/mutants/landings.spec.ts',
  'simulation/mutants/progress.spec.ts',
  'simulation/mutants/failures.spec.ts',
  'simulation/mutants/claims.spec.ts',
  'simulation/mutants/breaker.spec.ts',
  'simulation/mutants/switches.spec.ts',
  'e2e/damaged-log.spec.ts',
  'e2e/outlets.spec.ts',
  'e2e/demo-gates.spec.ts',
  'infrastructure/postgres/settings.spec.ts',
  'e2e/monitor.spec.ts',
  'e2e/deploy-killed.spec.ts',
  'e2e/killed-after-append.spec.ts',
  'bench/bench.spec.ts',
  'e2e/demo-eventstoredb.spec.ts',
  'projections/following/processes.spec.ts',
  'e2e/work.spec.ts',
  'e2e/stop.spec.ts',
  'infrastructure/http/hostile-requests.spec.ts',
  'e2e/switches.spec.ts',
  'infrastructure/git/rebase-like-git.spec.ts',
  'e2e/land.spec.ts',
  'e2e/deploy.spec.ts',
  'infrastructure/postgres/limits.spec.ts',
  'e2e/damaged-state.spec.ts',
  'infrastructure/git/follow-kills.spec.ts',
  'e2e/steered.spec.ts',
  'e2e/up.spec.ts',
  'e2e/demo.spec.ts',
  'e2e/demo-full.spec.ts',
  'infrastructure/processes/settle.spec.ts',
  'e2e/cli.spec.ts',
  'infrastructure/git/landing/landing.spec.ts',
].map((name) => resolve(__dirname, '..', name));

for (const file of LONGEST) if (!existsSync(file)) throw new Error(`longest-first.cjs: expected ${file}, saw none`);

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isKnown = sorted.every(({ duration }) => duration !== undefined);
    return isKnown ? sorted : sorted.sort((a, b) => placeOf(a) - placeOf(b));
  }
};

function placeOf({ path }) {
  const place = LONGEST.indexOf(path);
  return place < 0 ? LONGEST.length : place;
}
