import { A_PROJECT_KEY, PROJECT_KEY_PATTERN } from '../../../domain/ids';
import { MOST_CHECKS } from '../../../domain/gates/outside-evidence';
import {
  DEFAULT_REVERT_WINDOW,
  MOST_REVERT_WINDOW,
  ON_SILENT_REVERT,
} from '../../../domain/gates/revert/on-silent-revert';
import { forEverySwitch, SWITCHES } from '../../../domain/policy/switches';
import { AGENT_ROLES, mayEnterAt, STAGES, STAGE_TRANSITIONS, type GateName } from '../../../domain/task/pipeline';
import { ALERTS } from '../alerts/alerts-schema';
import { DEFINITIONS } from './schema/definitions';
import { DEPLOY, MONITOR } from './schema/landed-blocks';
import { BACKOFF, BREAKER, BUDGETS } from './schema/limit-blocks';
import { HOOKS } from './schema/hook-block';
import { JUDGE } from './schema/judge-block';
import { COVERAGE, IMAGE, SECURITY } from './schema/report-blocks';
import { listOf, object, onOff, ref, type Schema } from './schema/schema-parts';
import { RETEST, STAGING, TESTING } from './schema/suite-blocks';

/** Each is looked for in the candidate of every landing. */
const MOST_MARKERS = 100;

const GATES: readonly GateName[] = STAGE_TRANSITIONS.flatMap(({ gates }) => gates).filter((gate) => gate !== 'intake');
const ENTRY_STAGES = STAGES.filter(mayEnterAt);

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
  hooks: HOOKS,
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
  staging: STAGING,
  retest: RETEST,
  testing: TESTING,
  judge: JUDGE,
  security: SECURITY,
  coverage: COVERAGE,
  image: IMAGE,
  deploy: DEPLOY,
  monitor: MONITOR,
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
  budgets: BUDGETS,
  backoff: BACKOFF,
  breaker: BREAKER,
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
  onSilentRevert: {
    enum: ON_SILENT_REVERT,
    default: 'return',
    description:
      'What happens to a change that takes back what has landed without saying so; `return` sends it back to development, `off` does not look.',
  },
  revertWindow: {
    type: 'integer',
    minimum: 1,
    maximum: MOST_REVERT_WINDOW,
    default: DEFAULT_REVERT_WINDOW,
    description:
      "How many of main's newest commits are looked at for that; where the branch is older, up to four times as many.",
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
      alerts: ALERTS,
    },
    'Projects of a stagegate service.',
  ),
  required: ['projects'],
  $defs: {
    project: { ...object(PROJECT, 'One repository and how its changes are refereed.'), required: ['repo', 'staging'] },
    ...DEFINITIONS,
  },
} as const satisfies Schema & { $schema: string; title: string };
