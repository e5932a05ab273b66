import { COVERAGE_FORMATS } from '../../../../domain/gates/coverage/coverage-report';
import { DEFAULT_SUITE_ENV } from '../policy-defaults';
import { object, ref, type Schema } from './schema-parts';
import { SUITE } from './suite-blocks';

/** Each is held against every file of a report. */
const MOST_PATTERNS = 50;

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

export const SECURITY: Schema = {
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
};

export const COVERAGE: Schema = {
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
};

export const IMAGE: Schema = object(
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
);
