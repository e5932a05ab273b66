import { DEFAULT_SUITE_ENV } from './build-project';
import { OF_THE_SERVICE } from '../own-variables';
import { COVERAGE_FORMATS } from '../../../domain/gates/coverage/coverage-report';
import { A_REFERENCE, REFERENCE_PATTERN } from '../../reports/image/registry/reference';
import { A_CHECK_NAME, CHECK_NAME_PATTERN, MOST_CHECK_NAME, MOST_CHECKS } from '../../../domain/gates/outside-evidence';
import { ENDS_KEPT } from '../../../domain/lane/breaker';
import { A_PROJECT_KEY, PROJECT_KEY_PATTERN } from '../../../domain/ids';
import { forEverySwitch, SWITCHES } from '../../../domain/policy/switches';
import { AGENT_ROLES, mayEnterAt, STAGES, STAGE_TRANSITIONS, type GateName } from '../../../domain/task/pipeline';

/** What git takes for a name and an address as it stands: it drops some characters at their ends. */
export const PERSON_NAME = '^[^\\s<>.,:;"\'\\\\][^<>\\u0000-\\u001f\\u007f]{0,99}$';
export const EMAIL = '^[^\\s<>\\u0000-\\u001f\\u007f]{1,200}$';

/** The parts of JSON Schema 2020-12 that the project file needs. `description` completes "expected …" for a leaf. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'object' | 'string' | 'integer' | 'number' | 'array' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false | Schema;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly default?: unknown;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** Each is looked for in the candidate of every landing. */
const MOST_MARKERS = 100;
/** Each is held against every file of a report. */
const MOST_PATTERNS = 50;

const GATES: readonly GateName[] = STAGE_TRANSITIONS.flatMap(({ gates }) => gates).filter((gate) => gate !== 'intake');
const ENTRY_STAGES = STAGES.filter(mayEnterAt);

const SUITE: Readonly<Record<string, Schema>> = {
  setup: ref('command', 'Runs first in the same clone (install, build). Its failure is a tool error, never a red.'),
  suite: ref(
    'command',
    'The test suite. Exit code 0 is green, 126 and 127 mean that it did not execute, the rest is red.',
  ),
  timeout: ref('duration', 'Time limit of the suite; the set-up gets the same again.', '900s'),
  grace: ref('duration', 'Time between asking a run to end and killing it.', '10s'),
  witness: ref('witness', 'Proof that tests really ran. Without it an exit code of 0 is believed.'),
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

/** What all commands have in common that leave a report for a gate. */
const REPORT: Readonly<Record<string, Schema>> = {
  command: ref('command', 'Runs in a clone of the candidate, and, to compare, of the commit of main below it.'),
  setup: ref('command', 'Runs first in the same clone. Its failure is a tool error, never a fail.'),
  exitCodes: {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { type: 'integer', minimum: 0, maximum: 125 },
    default: [0],
    description:
      'Exit codes with which the command has done its work, whatever it has found; every other one is a tool error.',
  },
  timeout: ref('duration', 'Time limit of each run; the set-up gets the same again.', '900s'),
  grace: SUITE['grace'] as Schema,
  minIsolation: ref('isolation', 'Weakest isolation it may run under.', 'L1'),
  env: ref('variables', "Variables of the service's environment that it sees.", DEFAULT_SUITE_ENV),
  checkout: SUITE['checkout'] as Schema,
  cache: SUITE['cache'] as Schema,
};

const PROJECT: Readonly<Record<string, Schema>> = {
  repo: {
    type: 'string',
    minLength: 1,
    description: 'Path of the target repository; a relative one counts from this file.',
  },
  main: { type: 'string', minLength: 1, default: 'main', description: 'The branch that changes land on.' },
  entryStages: {
    ...listOf(ENTRY_STAGES, 'Stages at which a task may be submitted.'),
    minItems: 1,
    default: ['created'],
  },
  forge: { enum: ['local'], default: 'local', description: 'Where the repository is hosted.' },
  landing: { enum: ['rebase'], default: 'rebase', description: 'How a branch becomes part of main.' },
  committer: {
    ...object({ name: ref('name', 'Name.'), email: ref('email', 'Address.') }),
    required: ['name', 'email'],
    description: 'Who commits the copies and merges that land; `stagegate <stagegate@localhost>` where it is missing.',
  },
  signingKey: {
    type: 'string',
    minLength: 1,
    description:
      'A private SSH key without a passphrase that signs those commits; a relative path counts from this file. Without it they are not signed.',
  },
  submodules: {
    type: 'array',
    items: {
      ...object({
        url: { type: 'string', minLength: 1, description: 'Its URL, as `.gitmodules` writes it.' },
        from: {
          type: 'string',
          minLength: 1,
          description: 'Path of a clone of it on this machine, bare or not; a relative one counts from this file.',
        },
      }),
      required: ['url', 'from'],
      description: 'the URL of a submodule, and a clone of it',
    },
    description:
      'Submodules whose content runs get, and from where. The folders of all others are empty in the clone of a run.',
  },
  ci: {
    ...object({
      requiredChecks: {
        type: 'array',
        uniqueItems: true,
        minItems: 1,
        maxItems: MOST_CHECKS,
        items: { $ref: '#/$defs/check' },
        description: 'Checks that have to be green for the very commit.',
      },
      accept: {
        ...listOf(['neutral', 'skipped'], 'Results that count as green too; `success` always does.'),
        default: [],
      },
    }),
    required: ['requiredChecks'],
    description: 'What CI has to say of a commit before it leaves development. Without it CI is not asked.',
  },
  regressionMarkers: {
    type: 'array',
    maxItems: MOST_MARKERS,
    items: {
      ...object({
        task: { type: 'string', minLength: 1, maxLength: 200, description: 'Which change brought it, for people.' },
        file: ref('path', 'The file that has to have it.'),
        text: {
          type: 'string',
          pattern: '^[^\\u0000-\\u001f\\u007f]{1,500}$',
          description: '1 to 500 characters of one line, as they stand in the file',
        },
      }),
      required: ['task', 'file', 'text'],
      description: 'a task, a file and a text that it has',
    },
    description:
      'Texts that main keeps: a change that takes one out of its file, or the file away, goes back to development.',
  },
  staging: { ...object(VERDICT_SUITE, 'The suite of stage deploy-staging.'), required: ['suite'] },
  retest: object(withoutDefaults(SUITE), 'The re-test after the rebase; what is left out is as in `staging`.'),
  testing: {
    ...object(VERDICT_SUITE, 'The suite of stage testing. Without it the tester agent tests, or a person.'),
    required: ['suite'],
  },
  security: {
    ...object(
      {
        ...REPORT,
        report: ref(
          'path',
          'Where the command writes its report, in SARIF 2.1.0. What is in its place is removed before.',
        ),
        level: {
          enum: ['error', 'warning', 'note', 'off'],
          default: 'error',
          description: 'The lowest level of a finding that fails the gate.',
        },
        severity: ref('severity', 'The lowest `security-severity` that fails it, whatever the level.', 7),
        findings: {
          enum: ['new', 'all'],
          default: 'new',
          description: '`new` leaves out what main has as well; `all` counts every finding.',
        },
      },
      'A scan for security findings, which check_security judges by.',
    ),
    required: ['command', 'report'],
  },
  coverage: {
    ...object(
      {
        ...REPORT,
        report: ref('path', 'Where the command writes its report. What is in its place is removed before.'),
        format: {
          enum: ['auto', ...COVERAGE_FORMATS],
          default: 'auto',
          description: 'Format of the report; `auto` looks at it, `summary` is coverage-summary.json.',
        },
        floor: ref('percent', 'Least share of all lines that is covered, in percent.', 'off'),
        tolerance: ref('percent', "How many points that share may be below main's; `off` does not ask main.", 0.5),
        changedLines: ref(
          'percent',
          'Least share of the lines that the change adds or alters, in percent; `off` where `format` is `summary`.',
          80,
        ),
        sources: {
          type: 'array',
          minItems: 1,
          maxItems: MOST_PATTERNS,
          uniqueItems: true,
          items: { $ref: '#/$defs/pattern' },
          description:
            'Patterns of the files that count, such as `src/**` and `!**/*.d.ts`. Without it those of the report.',
        },
      },
      'A command that measures coverage by tests, which check_coverage judges by.',
    ),
    required: ['command', 'report'],
  },
  image: object(
    {
      ...REPORT,
      command: ref(
        'command',
        'Runs in a clone of the candidate: builds the image, or tells of it. Needed with `layout` and `report`.',
      ),
      layout: ref('path', 'The folder that the command makes of the image: an OCI image layout.'),
      report: ref('path', 'Where the command tells of the image, in JSON. What is in its place is removed before.'),
      registry: ref(
        'imageName',
        'Where the image is looked up, after the command, if there is one; `{commit}` stands for the candidate.',
      ),
      credentials: ref('variable', 'The variable that holds `user:password` for the registry.'),
      insecure: { type: 'boolean', default: false, description: 'Ask the registry by plain HTTP.' },
      maxAge: ref(
        'age',
        'The oldest that an image may be, by what it says of its build. However old where it is missing.',
      ),
    },
    'The image that would be deployed, which check_image_fresh looks at: one of `layout`, `report` and `registry`.',
  ),
  deploy: {
    ...object({
      command: ref(
        'command',
        'Brings the landed commit to where it is used. Exit code 0 is a success, every other one a failure.',
      ),
      timeout: ref('duration', 'Time limit. A deploy that is cut short is never run again unasked.', '600s'),
      grace: ref('duration', 'Time between asking it to end and killing it.', '10s'),
      env: ref('variables', "Variables of the service's environment that it sees.", DEFAULT_SUITE_ENV),
    }),
    required: ['command'],
    description: 'What deploys a task once it has landed. Nothing where it is missing.',
  },
  monitor: {
    ...object({
      command: ref(
        'command',
        'Asks whether what was deployed is healthy. Exit code 0 is good, 126 and 127 mean that it did not execute, the rest is bad.',
      ),
      url: {
        type: 'string',
        minLength: 1,
        maxLength: 2_000,
        description:
          'Asked by GET instead of a command; http or https, no user and password. Redirects are not followed.',
      },
      expect: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'integer', minimum: 200, maximum: 599 },
        description: 'Statuses of `url` that are good; 200 to 299 where it is missing.',
      },
      every: ref(
        'duration',
        'From the begin of one poll to the next; the first is one `every` after the deploy.',
        '30s',
      ),
      for: ref('duration', 'How long it is watched: as many polls as fit.', '10m'),
      timeout: ref('duration', 'Time limit of one poll. One that takes longer is bad.', '10s'),
      failures: {
        type: 'integer',
        minimum: 1,
        maximum: 100,
        default: 3,
        description: 'Bad polls in a row that make it `DEGRADED`.',
      },
      grace: ref('duration', 'Time between asking the command to end and killing it.', '10s'),
      env: ref('variables', "Variables of the service's environment that it sees.", DEFAULT_SUITE_ENV),
    }),
    description: 'What watches a task once it is deployed. Without it the task is done then.',
  },
  agents: object(
    Object.fromEntries(AGENT_ROLES.map((role) => [role, ref('agent', `Command of the ${role}.`)])),
    'Commands of the agents, by role. Without one the task waits for a person.',
  ),
  requiredGates: {
    ...listOf(
      GATES,
      'Gates that must pass before a task lands. One that is not configured holds the task; others are recorded and passed over.',
    ),
    default: [],
  },
  budgets: object(
    {
      developer: retries(3, 'Returns to development.'),
      agent: retries(2, 'Repeats of an agent without a valid verdict, per stage.'),
      infra: retries(3, 'Repeats after infrastructure failures, per job.'),
      crash: retries(10, 'Restarts after a crash of the service, per stage.'),
      landing: retries(5, 'Landings lost to somebody who was faster.'),
      flake: retries(
        2,
        'Repeats of a suite that was red and green on one tree, per job, where `onInconclusive` is `retry`.',
      ),
    },
    'Retries, not runs: 3 allows four runs.',
  ),
  backoff: object(
    {
      base: ref('duration', 'Pause before the first retry, doubled each time.', '30s'),
      max: ref('duration', 'Longest pause.', '10m'),
    },
    'Pauses between retries after infrastructure failures.',
  ),
  breaker: object(
    {
      window: ref('duration', 'Stays in the lane that ended within this time are looked at.', '1h'),
      minRuns: {
        type: 'integer',
        minimum: 1,
        maximum: ENDS_KEPT,
        default: 5,
        description: 'With fewer of them the lane goes on.',
      },
      rate: ref('share', 'The share of them that failed by infrastructure, from which on the lane pauses.', 0.8),
      unmovedAfter: ref(
        'duration',
        'Or the time in the lane that such failures took in a row, with no landing and no verdict between them.',
        '3h',
      ),
      cooldown: ref(
        'duration',
        'Before one task tries again; doubled each time that fails, eight times this at most.',
        '10m',
      ),
    },
    'When the lane pauses because the machine fails its runs; `laneBreaker` switches it off.',
  ),
  onInfraExhausted: {
    enum: ['hold', 'rollback'],
    default: 'hold',
    description:
      'What happens when infrastructure failures have used up their retries; `rollback` waits at development for a retry or a commit.',
  },
  onInconclusive: {
    enum: ['hold', 'retry'],
    default: 'hold',
    description:
      'What happens when a suite was red and green on one tree; `retry` runs it again after a pause, `budgets.flake` times, then holds.',
  },
  switches: object(
    forEverySwitch((name) => onOff(SWITCHES[name].inProject)),
    'Mechanisms on or off for this project, whatever the environment says.',
  ),
};

/** Schema of `stagegate.yml`; `stagegate.schema.json` is this value, and a test keeps it so. */
export const PROJECT_FILE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'stagegate.yml',
  ...object(
    {
      version: { enum: [1], default: 1, description: 'Version of this format.' },
      projects: {
        type: 'object',
        description: 'at least one project, by key',
        minProperties: 1,
        propertyNames: {
          pattern: PROJECT_KEY_PATTERN,
          description: `a project key of ${A_PROJECT_KEY}`,
        },
        additionalProperties: { $ref: '#/$defs/project' },
      },
    },
    'Projects of a stagegate service.',
  ),
  required: ['projects'],
  $defs: {
    project: { ...object(PROJECT, 'One repository and how its changes are refereed.'), required: ['repo', 'staging'] },
    agent: {
      ...object({
        command: ref('command', 'In a list, {prompt}, {prompt_file}, {artifact_dir} and {role} are filled in.'),
        timeout: ref('duration', 'Time limit.', '1h'),
        grace: ref('duration', 'Time between asking it to end and killing it.', '10s'),
        brief: {
          type: 'string',
          minLength: 1,
          description: 'A template of its brief, in place of the shipped one; a relative path counts from this file.',
        },
      }),
      required: ['command'],
      description: 'An agent of one role.',
    },
    command: {
      description: 'text for sh -c or a list of program and arguments',
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', minItems: 1, items: { type: 'string', description: 'text; put quotes around numbers' } },
      ],
    },
    check: { type: 'string', pattern: CHECK_NAME_PATTERN, maxLength: MOST_CHECK_NAME, description: A_CHECK_NAME },
    name: {
      type: 'string',
      pattern: PERSON_NAME,
      description: 'a name without < and >',
    },
    email: {
      type: 'string',
      pattern: EMAIL,
      description: 'an address without spaces, < and >',
    },
    duration: {
      type: 'string',
      pattern: '^[1-9][0-9]{0,8}(ms|s|m|h)$',
      description: 'a duration with its unit, such as 900s, 10m or 500ms',
    },
    witness: {
      ...object({
        file: {
          type: 'string',
          minLength: 1,
          description: 'A report inside the clone. What is in its place is removed before the suite starts.',
        },
        output: {
          type: 'string',
          minLength: 1,
          description: 'A regular expression that the output must match somewhere; `^` and `$` are those of lines.',
        },
      }),
      minProperties: 1,
      maxProperties: 1,
      description: 'either file or output',
    },
    isolation: { enum: ['none', 'L0', 'L1', 'L2', 'L3'], description: 'An isolation level.' },
    variables: {
      type: 'array',
      uniqueItems: true,
      description: 'a list of names of variables',
      items: { $ref: '#/$defs/variable' },
    },
    variable: {
      type: 'string',
      pattern: `^(?!${OF_THE_SERVICE})[A-Za-z_][A-Za-z0-9_]{0,99}$`,
      description: "the name of a variable, none of the service's own",
    },
    imageName: { type: 'string', pattern: REFERENCE_PATTERN, maxLength: 400, description: A_REFERENCE },
    age: { type: 'string', pattern: '^[1-9][0-9]{0,3}(m|h|d)$', description: 'an age such as 90m, 12h or 7d' },
    size: { type: 'string', pattern: '^[1-9][0-9]{0,5}(MB|GB)$', description: 'a size such as 500MB or 2GB' },
    share: { type: 'number', minimum: 0.01, maximum: 1, description: 'a number from 0.01 to 1' },
    severity: {
      description: 'a number from 0.1 to 10 or off',
      anyOf: [{ type: 'number', minimum: 0.1, maximum: 10 }, { enum: ['off'] }],
    },
    percent: {
      description: 'a number from 0 to 100 or off',
      anyOf: [{ type: 'number', minimum: 0, maximum: 100 }, { enum: ['off'] }],
    },
    pattern: {
      type: 'string',
      pattern: '^!?[^\\u0000-\\u001f!][^\\u0000-\\u001f]{0,199}$',
      description: 'a pattern of 1 to 200 characters',
    },
    path: {
      type: 'string',
      pattern: '^[^\\u0000-\\u001f]{1,200}$',
      description: 'a path inside the clone and outside .git',
    },
    depth: {
      description: 'a number of commits or full',
      anyOf: [{ type: 'integer', minimum: 1, maximum: 1_000_000 }, { enum: ['full'] }],
    },
  },
} as const satisfies Schema & { $schema: string; title: string };

/** @param fallback shown by editors and the reference; the defaults in force are in build-project.ts, and a test compares. */
function ref(name: string, description: string, fallback?: unknown): Schema {
  return { $ref: `#/$defs/${name}`, description, ...(fallback === undefined ? {} : { default: fallback }) };
}

function object(properties: Readonly<Record<string, Schema>>, description = ''): Schema {
  return { type: 'object', ...(description === '' ? {} : { description }), properties, additionalProperties: false };
}

function withoutDefaults(properties: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  return JSON.parse(
    JSON.stringify(properties, (key, value: unknown) => (key === 'default' ? undefined : value)),
  ) as Record<string, Schema>;
}

function listOf(values: readonly string[], description: string): Schema {
  return { type: 'array', description, uniqueItems: true, items: { enum: values } };
}

function listOfPaths(description: string): Schema {
  return { type: 'array', description, uniqueItems: true, items: { $ref: '#/$defs/path' } };
}

function retries(fallback: number, description: string): Schema {
  return { type: 'integer', minimum: 0, maximum: 100, default: fallback, description };
}

function onOff(description: string): Schema {
  return { type: 'boolean', description };
}
