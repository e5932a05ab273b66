import { A_CHECK_NAME, CHECK_NAME_PATTERN, MOST_CHECK_NAME } from '../../../../domain/gates/outside-evidence';
import { A_REFERENCE, REFERENCE_PATTERN } from '../../../reports/image/registry/reference';
import { OF_THE_SERVICE } from '../../own-variables';
import { object, ref, type Schema } from './schema-parts';

/** What git takes for a name and an address as it stands: it drops some characters at their ends. */
export const PERSON_NAME = '^[^\\s<>.,:;"\'\\\\][^<>\\u0000-\\u001f\\u007f]{0,99}$';
export const EMAIL = '^[^\\s<>\\u0000-\\u001f\\u007f]{1,200}$';

/** What several keys have in common, by the name that `$ref` takes. */
export const DEFINITIONS: Readonly<Record<string, Schema>> = {
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
      junit: {
        $ref: '#/$defs/reports',
        description:
          'Reports in JUnit XML inside the clone; `*` and `**` are wildcards. What is there is removed before.',
      },
      tap: { $ref: '#/$defs/reports', description: 'The same in TAP.' },
    }),
    minProperties: 1,
    maxProperties: 1,
    description: 'one of file, output, junit and tap',
  },
  reports: {
    description: 'a path, or a list of paths',
    anyOf: [
      { $ref: '#/$defs/path' },
      { type: 'array', minItems: 1, maxItems: 20, uniqueItems: true, items: { $ref: '#/$defs/path' } },
    ],
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
};
