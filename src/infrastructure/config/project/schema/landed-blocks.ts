import { DEFAULT_SUITE_ENV } from '../policy-defaults';
import { object, ref, type Schema } from './schema-parts';

export const DEPLOY: Schema = {
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
};

export const MONITOR: Schema = {
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
    every: ref('duration', 'From the start of one poll to the next; the first is one `every` after the deploy.', '30s'),
    for: ref('duration', 'How long it is watched at least: its polls are this by `every`, rounded up.', '10m'),
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
};
