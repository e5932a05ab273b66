import type { GateName } from '../../../domain/task/pipeline';
import type { Files, SampleRepository } from '../sample-repository';

/** A piece of work with one fault, the gate that finds it, and what puts it right. */
export interface GateTale {
  readonly branch: string;
  readonly gate: GateName;
  readonly fault: string;
  /** What the developer commits first. */
  readonly draft: Files;
  /** What the developer commits when it comes back; none where a person has to see to the machines. */
  readonly repair: Files | null;
  /** Without this text in its brief, the developer repairs nothing. */
  readonly knows: string;
  /** Its branch was cut before main began to ask for units. */
  readonly isOutdated?: true;
}

/** A kind of fruit that the shop sells: its price by weight, and a test. */
function fruit(name: string, lib: string, expected = 3): Files {
  return {
    [`lib/${name}.js`]: `${lib}\n`,
    [`test/${name}.test.js`]: `const { test } = require('node:test');
const assert = require('node:assert');
test('a kilo of ${name} has a price', () => assert.equal(require('../lib/${name}').price(1), ${expected}));
`,
  };
}

const UNIT = "exports.unit = 'kilo';";
const priceOf = (kilo: number) => `${UNIT}\nexports.price = (kilos) => kilos * ${kilo};`;
const sound = (name: string) => fruit(name, priceOf(3));

const UNTESTED = `exports.offer = (kilos) => {
  if (kilos > 10) {
    return kilos * 2;
  }
  if (kilos > 5) {
    return kilos * 2.5;
  }
  return kilos * 3;
};`;

const LIST = 'prices.md';
const listIn = (unit: string) => `apples: 3 a ${unit}\n`;

export const TALES: readonly GateTale[] = [
  {
    branch: 'cherries',
    gate: 'check_ci_green',
    fault: 'does not even parse: CI says so',
    draft: fruit('cherries', `${UNIT}\nexports.price = (kilos) => kilos *;`),
    repair: sound('cherries'),
    knows: 'parses',
  },
  {
    branch: 'plums',
    gate: 'check_review_approved',
    fault: 'leaves a TODO behind: the reviewer asks for changes',
    draft: fruit('plums', `${priceOf(3)}\n// TODO: what do plums cost?`),
    repair: sound('plums'),
    knows: 'TODO: what do plums cost?',
  },
  {
    branch: 'pears',
    gate: 'check_tests_passed',
    fault: 'its own test is red',
    draft: fruit('pears', priceOf(2)),
    repair: sound('pears'),
    knows: 'a kilo of pears has a price',
  },
  {
    branch: 'grapes',
    gate: 'check_staging_status',
    fault: 'green tests, and a shop that pays its customers',
    draft: fruit('grapes', priceOf(-3), -3),
    repair: sound('grapes'),
    knows: 'grapes: expected a price above 0',
  },
  {
    branch: 'melons',
    gate: 'check_branch_mergeable',
    fault: 'green by itself, red on what main has become meanwhile',
    draft: fruit('melons', 'exports.price = (kilos) => kilos * 3;'),
    repair: sound('melons'),
    knows: 'melons: expected a unit',
    isOutdated: true,
  },
  {
    branch: 'bananas',
    gate: 'check_no_silent_revert',
    fault: 'brings an old price list over a newer one of main: nothing conflicts',
    draft: { ...sound('bananas'), [LIST]: listIn('pound') },
    repair: { [LIST]: listIn('kilo') },
    knows: 'has the content again that it had before',
  },
  {
    branch: 'quinces',
    gate: 'check_tests_not_weakened',
    fault: 'are given away, so it has the smoke test ask for less: a person says that this is right',
    draft: { ...fruit('quinces', priceOf(0), 0), 'smoke.js': smokeOf(true).replace('price(1) > 0', 'price(1) >= 0') },
    repair: null,
    knows: '',
  },
  {
    branch: 'figs',
    gate: 'check_security',
    fault: 'evaluates text',
    draft: fruit('figs', `${UNIT}\nexports.price = (kilos) => eval('kilos * 3');`),
    repair: sound('figs'),
    knows: 'no-eval',
  },
  {
    branch: 'dates',
    gate: 'check_coverage',
    fault: 'brings more than its test executes',
    draft: fruit('dates', `${priceOf(3)}\n${UNTESTED}`),
    repair: sound('dates'),
    knows: 'lib/dates.js`: ',
  },
  {
    branch: 'kiwis',
    gate: 'check_image_fresh',
    fault: 'pins what its image says it was built from',
    draft: { ...sound('kiwis'), 'image.env': `revision=${'1'.repeat(40)}\n` },
    repair: { 'image.env': 'revision=$COMMIT\n' },
    knows: '1'.repeat(40),
  },
  {
    branch: 'limes',
    gate: 'check_deploy_status',
    fault: 'the shop has no shelf for it: a person builds one',
    draft: sound('limes'),
    repair: null,
    knows: '',
  },
  {
    branch: 'lemons',
    gate: 'check_monitor_healthy',
    fault: 'is deployed to a shelf where they rot: a person cleans it',
    draft: sound('lemons'),
    repair: null,
    knows: '',
  },
];

/** Makes main and the branches of all tales. */
export async function tellGateTales(sample: SampleRepository): Promise<void> {
  const first = await sample.commit('main', 'Sell apples', {
    ...sound('apples'),
    'smoke.js': smokeOf(false),
    [LIST]: listIn('pound'),
    'image.env': 'revision=$COMMIT\n',
  });
  const begin = ({ branch }: GateTale, from: string) =>
    sample.commit(branch, `Wish for ${branch}`, { [`wishes/${branch}.txt`]: 'please\n' }, from);
  for (const tale of TALES.filter(({ isOutdated }) => isOutdated)) await begin(tale, first);
  const second = await sample.continueMain('Say of every price what it is for', {
    'smoke.js': smokeOf(true),
    [LIST]: listIn('kilo'),
  });
  for (const tale of TALES.filter(({ isOutdated }) => !isOutdated)) await begin(tale, second);
}

/** The staging suite: asks the whole shop what no single test asks. */
function smokeOf(asksForUnit: boolean): string {
  return `const { readdirSync } = require('node:fs');
for (const name of readdirSync('lib').map((file) => file.slice(0, -3))) {
  const { price${asksForUnit ? ', unit' : ''} } = require('./lib/' + name);
  const wrong = price(1) > 0 ? ${asksForUnit ? "unit ? null : 'a unit'" : 'null'} : 'a price above 0';
  if (wrong === null) continue;
  console.log(name + ': expected ' + wrong);
  process.exitCode = 1;
}
`;
}
