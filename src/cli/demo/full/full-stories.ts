import type { SampleRepository } from '../sample-repository';

/** Who gives the word where a suite could, and how the demo announces it. */
export interface FullRun {
  readonly project: string;
  readonly title: string;
  /** The verdict of staging comes from the suite; else from the agent. */
  readonly stagingRunner: boolean;
  /** The same for the tests. */
  readonly testRunner: boolean;
  /** Where an agent gives the verdict, the suite runs beside it and is compared. */
  readonly isShadowed: boolean;
}

export const RUNS: readonly FullRun[] = [
  {
    project: 'shop',
    title: 'everything on: the service runs the tests and the staging suite',
    stagingRunner: true,
    testRunner: true,
    isShadowed: false,
  },
  {
    project: 'shop-deployer',
    title: 'staging-runner off: the deployer agent gives the verdict of staging',
    stagingRunner: false,
    testRunner: true,
    isShadowed: false,
  },
  {
    project: 'shop-shadow',
    title: 'both runners off, shadow on: agents give the verdicts, and the suites run beside them to be compared',
    stagingRunner: false,
    testRunner: false,
    isShadowed: true,
  },
];

export const BRANCH = 'plums';
export const SUITE = 'node check.js';

const PLUMS = 'prices/plums.txt';
/** What the goal asks for, and what main asks for by the time the branch is tested on it. */
const PRICES = { asked: 'plums 70', inTheEnd: 'plums 70 EUR' } as const;

export const DESCRIPTION = `The shop sells plums from now on.\n\n${PLUMS}:1: expected ${PRICES.asked}\n`;

export const OPENING =
  'One script does the work of every role: it reads its brief, and knows nothing else. main has moved on since the branch was cut, so the first re-test will be red.';
export const PROOF = `main has "${PRICES.inTheEnd}": nothing but the output of the red re-test asked for that, so the second developer has read it in its brief.`;

/** A branch that is green by itself, and a main that asks for more meanwhile: the re-test is red, and says where. */
export async function tellFullStory(sample: SampleRepository): Promise<void> {
  const first = await sample.commit('main', 'Sell apples', {
    'prices/apples.txt': 'apples 100\n',
    'check.js': checkOf(String.raw`/^\w+ \d+( \w+)?$/`, 'line'),
  });
  await sample.commit(BRANCH, 'Make room for plums', { 'readme.txt': 'Fruit, by the kilo.\n' }, first);
  await sample.continueMain('Name the currency of every price', {
    'prices/apples.txt': 'apples 100 EUR\n',
    'check.js': checkOf(String.raw`/^\w+ \d+ \w+$/`, '`${line} EUR`'),
  });
}

/** Whether main has what only the output of the red re-test asked for. */
export async function hasRepair(sample: SampleRepository): Promise<boolean> {
  return (await sample.text('main', PLUMS)) === PRICES.inTheEnd;
}

/** The project's suite: says of every price what it does not like, by file and line. */
function checkOf(pattern: string, expected: string): string {
  return `const { readdirSync, readFileSync } = require('node:fs');
for (const file of readdirSync('prices').map((name) => 'prices/' + name))
  readFileSync(file, 'utf8').trimEnd().split('\\n').forEach((line, index) => {
    if (${pattern}.test(line)) return;
    console.log(file + ':' + (index + 1) + ': expected ' + ${expected});
    process.exitCode = 1;
  });
`;
}

/**
 * One agent for all roles. It knows no file, no key, no value and no role: all of it comes from its brief, and so does what to
 * change, as \`FILE:LINE: expected TEXT\`. Its figures are made up from the size of its brief.
 */
export const AGENT_SCRIPT = `#!/bin/sh
set -eu
if [ -n "$STAGEGATE_ARTIFACT" ]; then
  # The value that passes is the first.
  printf -- '---\\n%s: %s\\n---\\n\\nA script has read the brief, and nothing else.\\n' \\
    "$STAGEGATE_VERDICT_KEY" "\${STAGEGATE_VERDICT_VALUES%% *}" > "$STAGEGATE_ARTIFACT_DIR/$STAGEGATE_ARTIFACT"
else
  # What a failed suite has printed stands behind the goal.
  found=$(grep -o '[^ ]*:[0-9]*: expected .*' "$STAGEGATE_PROMPT_FILE" | tail -n 1)
  place=\${found%%: expected *} text=\${found#*: expected }
  file=\${place%:*} line=\${place##*:}
  touch "$file"
  { head -n "$((line - 1))" "$file"; echo "$text"; tail -n "+$((line + 1))" "$file"; } > "$STAGEGATE_ARTIFACT_DIR/new"
  cp "$STAGEGATE_ARTIFACT_DIR/new" "$file"
  git add "$file"
  git -c user.name=script -c user.email=script@example.org commit --quiet -m "Write $text in $place"
  git push --quiet origin HEAD
fi
read=$(($(wc -c < "$STAGEGATE_PROMPT_FILE") / 4))
printf '{"usage": {"inputTokens": %d, "outputTokens": 50, "costUsd": 0.%06d, "model": "script"}}\\n' "$read" "$((read * 3 + 750))"
`;
