import { DEFAULT_SUITE_ENV } from '../policy-defaults';
import { listOfPaths, object, ref, withoutDefaults, type Schema } from './schema-parts';

/** What every suite has. */
export const SUITE: Readonly<Record<string, Schema>> = {
  setup: ref('command', 'Runs first in the same clone (install, build). Its failure is a tool error, never a red.'),
  suite: ref(
    'command',
    'The test suite. Exit code 0 is green, 126 and 127 mean that it did not execute, the rest is red.',
  ),
  timeout: ref('duration', 'Time limit of the suite; the set-up gets the same again.', '900s'),
  grace: ref('duration', 'Time between asking a run to end and killing it.', '10s'),
  witness: ref('witness', 'Proof that tests really ran. Without it an exit code of 0 is believed.'),
  minTests: {
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    description:
      'Fewer executed tests than that are no green, and neither is a run of which nothing says how many it executed. `0`: the count decides nothing. Left out: a suite that says that it executed none, or that some failed, is no green.',
  },
  onVanishedTests: {
    enum: ['note', 'hold'],
    description:
      "What becomes of a change that no longer executes tests which main's last run of the same suite executed: `note` lists them, `hold` holds it for each. Left out: held from 5 tests on, where they are more than a tenth.",
  },
  minIsolation: ref(
    'isolation',
    'Weakest isolation the suite may run under; a weaker machine is a tool error. `none` while the tree kill is switched off.',
    'L1',
  ),
  env: ref('variables', "Variables of the service's environment that the suite sees.", DEFAULT_SUITE_ENV),
  checkout: object(
    {
      depth: ref(
        'depth',
        'Commits of history in the clone of a run, or `full`, which has main and the tags too.',
        'full',
      ),
    },
    'How a run gets its clone.',
  ),
  cache: {
    ...object({
      folders: { ...listOfPaths('Folders that the set-up makes, and nothing else.'), minItems: 1 },
      key: { ...listOfPaths('Files that the folders follow from.'), minItems: 1 },
      maxSize: ref('size', 'Most that is kept for the project; what was not used for longest goes first.', '2GB'),
    }),
    required: ['folders', 'key'],
    description: 'What of the set-up is kept for later runs, which then need none. Nothing where it is missing.',
  },
};

const SHADOW: Schema = {
  type: 'boolean',
  default: false,
  description:
    'Run the suite beside the agent who has the stage while its runner is switched off, to compare the two. It decides nothing.',
};

/** Of a suite whose red counts by itself unless it is asked for; a re-test's is confirmed unless that is switched off. */
const VERDICT_SUITE: Readonly<Record<string, Schema>> = {
  ...SUITE,
  confirmRed: {
    type: 'boolean',
    default: false,
    description:
      'Run a red suite once more on the same commit before it counts, as re-tests are, while `confirmRed` is on.',
  },
  shadow: SHADOW,
};

export const STAGING: Schema = { ...object(VERDICT_SUITE, 'The suite of stage deploy-staging.'), required: ['suite'] };

export const RETEST: Schema = object(
  withoutDefaults(SUITE),
  'The re-test after the rebase; what is left out is as in `staging`.',
);

export const TESTING: Schema = {
  ...object(VERDICT_SUITE, 'The suite of stage testing. Without it the tester agent tests, or a person.'),
  required: ['suite'],
};
