import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SampleRepository } from './sample-repository';

export type Expected = 'landed' | 'held' | 'conflict';

/** One branch of the demo and how it is announced to end. */
export interface Story {
  readonly project: 'shop' | 'shop-bots';
  readonly branch: string;
  readonly title: string;
  readonly expected: Expected;
}

export const STORIES: readonly Story[] = [
  { project: 'shop', branch: 'greeting', title: 'green: lands', expected: 'landed' },
  { project: 'shop-bots', branch: 'discount', title: 'red: a developer agent repairs it, lands', expected: 'landed' },
  { project: 'shop', branch: 'search', title: 'the machine starves once: retried, lands', expected: 'landed' },
  { project: 'shop', branch: 'catalogue', title: 'the machine starves for good: held, one alert', expected: 'held' },
  { project: 'shop', branch: 'price-tag', title: 'conflicts with main: sent back', expected: 'conflict' },
];

/** Folder in which a file decides how well the simulated machine does. */
export function machineDir(root: string): string {
  return join(root, 'machine');
}

/** Makes main and every story's branch; what they test is real, run by `node --test`. */
export async function tellStories(sample: SampleRepository, root: string): Promise<void> {
  await mkdir(machineDir(root));
  await writeFile(join(machineDir(root), 'starved-once'), '');
  await writeFile(join(machineDir(root), 'starved'), '');
  const first = await sample.commit('main', 'Sell things', {
    'price.js': 'exports.price = () => 100;\n',
    'test/price.test.js': testOf('a thing has a price', "require('../price').price() > 0"),
  });
  await sample.commit('price-tag', 'Print the price on a tag', { 'price.js': 'exports.price = () => 105;\n' }, first);
  await sample.commit(
    'greeting',
    'Greet customers',
    {
      'greeting.js': 'exports.greet = (name) => `Hello ${name}`;\n',
      'test/greeting.test.js': testOf('a customer is greeted', "require('../greeting').greet('Ann') === 'Hello Ann'"),
    },
    first,
  );
  await sample.commit(
    'discount',
    'Give a discount',
    {
      'discount.js': 'exports.discount = (price) => price * 1.1;\n',
      'test/discount.test.js': testOf('a discount makes things cheaper', "require('../discount').discount(100) === 90"),
    },
    first,
  );
  await sample.commit('search', 'Find things', { 'test/search.test.js': starvedTest('starved-once', true) }, first);
  await sample.commit(
    'catalogue',
    'Import the catalogue',
    { 'test/catalogue.test.js': starvedTest('starved', false) },
    first,
  );
  // Moves on after every branch was cut, and touches what one of them touches.
  await sample.continueMain('Raise the price', { 'price.js': 'exports.price = () => 120;\n' });
}

/** A developer that knows one repair; a real process with a clone of its own, as every agent. */
export const DEVELOPER_SCRIPT = `set -eu
sed -i.old 's/price \\* 1.1/price * 0.9/' discount.js
rm -f discount.js.old
git add discount.js
git -c user.name=developer -c user.email=developer@example.org commit --quiet -m 'Make the discount a discount'
git push --quiet origin HEAD
echo '{"costUsd": 0, "summary": "the discount raised the price"}'
`;

function testOf(name: string, condition: string): string {
  return `const { test } = require('node:test');
const assert = require('node:assert');
test(${JSON.stringify(name)}, () => assert.ok(${condition}));
`;
}

/** Hangs while the named file exists: what a healthy test does on a machine that gives it no time. */
function starvedTest(flag: string, isOnce: boolean): string {
  return `const { test } = require('node:test');
const { existsSync, rmSync } = require('node:fs');
const flag = \`\${process.env.MACHINE}/${flag}\`;
test('answers in time', async () => {
  if (!existsSync(flag)) return;
  ${isOnce ? 'rmSync(flag);' : ''}
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
`;
}
