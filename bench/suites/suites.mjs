import { embedded } from './embedded.mjs';
import { gates } from './gates.mjs';
import { hooks } from './hooks.mjs';
import { landing } from './landing.mjs';
import { postgres } from './postgres.mjs';
import { reverts } from './reverts.mjs';
import { runner } from './runner.mjs';
import { size } from './size.mjs';
import { stagingRun } from './staging-run.mjs';
import { start } from './start.mjs';
import { subscribers } from './subscribers.mjs';

/** Every suite, in the order of the page they are shown on. */
export const SUITES = [
  start,
  stagingRun,
  landing,
  gates,
  reverts,
  embedded,
  postgres,
  size,
  subscribers,
  hooks,
  runner,
];
/** Those that need nothing but the checkout and are done in a minute and a half. */
export const QUICKEST = [start, stagingRun, embedded];
/** What `--quick` stands for: the product against a plain INSERT. */
export const QUICK = [postgres];
