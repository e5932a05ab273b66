import { object, ref, type Schema } from './schema-parts';

/** Each is held against every file that a change touches. */
const MOST_PATTERNS = 50;

export const JUDGE: Schema = object(
  {
    run: {
      enum: ['main-tests', 'note', 'off'],
      default: 'main-tests',
      description:
        "`main-tests` runs main's tests on the candidate where a change may weaken its own; `note` only records what it changes.",
    },
    timeout: ref('duration', "Time limit of each such run, the set-up's too. Without it that of the re-test."),
    paths: patterns('Patterns of files that judge a change, beside the ones that are known by rules.'),
    ignore: patterns('Patterns of files that judge nothing, whatever the rules say.'),
    protect: patterns('Patterns of judging files: whoever changes one of them needs a person, whatever a run says.'),
  },
  'Whether a change weakens the tests that judge it, which check_tests_not_weakened finds out. What runs is the suite of `retest`.',
);

function patterns(description: string): Schema {
  return {
    type: 'array',
    minItems: 1,
    maxItems: MOST_PATTERNS,
    uniqueItems: true,
    items: { $ref: '#/$defs/pattern' },
    description,
  };
}
