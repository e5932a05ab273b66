/** Files by their paths: a text, `null` for what is gone, `{ link }` for a link. */
export type Files = Readonly<Record<string, string | null | { readonly link: string }>>;

/** One change of the shop, by the files that it leaves. */
export interface ShopCase {
  readonly name: string;
  readonly files: Files;
}

/** What the project's suite is; the script of package.json says what it runs. */
export const SUITE = String.raw`eval "$(sed -n 's/.*"test": "\(.*\)".*/\1/p' package.json)"`;

export const PRICE = `'use strict';
const PRICES = { a: 10, b: 5 };
exports.total = (items) => items.reduce((sum, { price, count = 1 }) => sum + price * count, 0);
exports.discount = (total) => (total >= 100 ? total * 0.9 : total);
exports.label = (total) => '€ ' + total.toFixed(2);
exports.fetchPrice = (name) => new Promise((resolve) => setTimeout(resolve, 1, PRICES[name]));
exports.reserve = async (stock) => {
  stock.tries += 1;
  return stock.tries;
};
`;

export const TESTS = `const test = require('node:test');
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { total, discount, label, fetchPrice, reserve } = require('../src/price');
const { near } = require('./helpers/near');
const { retry } = require('./helpers/retry');
const order = require('./fixtures/order.json');

test('the total counts every item', () => {
  assert.equal(total(order.items), order.total);
});

test('a large order gets a discount', () => {
  near(discount(200), 180);
});

test('a small order gets none', () => {
  assert.equal(discount(50), 50);
});

test('the label is as it was', () => {
  assert.equal(label(9.5), readFileSync(join(__dirname, '__snapshots__/label.snap'), 'utf8').trim());
});

test('the price comes soon', { timeout: 500 }, async () => {
  assert.equal(await fetchPrice('a'), 10);
});

test('a reservation works at the first try', async () => {
  const stock = { tries: 0 };
  assert.equal(await retry(() => reserve(stock)), 1);
});
`;

export const CATALOG_TESTS = `const test = require('node:test');
const assert = require('node:assert');
const { names } = require('../src/catalog');

test('the catalogue has names', () => {
  assert.deepEqual(names(), ['a', 'b']);
});
`;

export const COUNTER = `// Names of src/price.js that some test mentions, in percent.
const { readFileSync, readdirSync } = require('node:fs');
const names = Object.keys(require('../src/price'));
const texts = readdirSync('test').filter((name) => name.endsWith('.js')).map((name) => readFileSync('test/' + name, 'utf8'));
const known = names.filter((name) => texts.some((text) => text.includes(name))).length;
const { lines } = JSON.parse(readFileSync('.c8rc.json', 'utf8'));
if (known * 100 < lines * names.length) throw new Error('coverage: ' + known + ' of ' + names.length);
`;

/** The shop as main has it. */
export const SHOP: Files = {
  'package.json': json({ name: 'shop', version: '1.0.0', scripts: { test: 'sh run-tests.sh', build: 'true' } }),
  'run-tests.sh': [
    'set -e',
    String.raw`for file in $(sed -n 's/.*"\(test.*js\)".*/\1/p' jest.config.json); do node $file; done`,
    'node test/count.js',
    '',
  ].join('\n'),
  'jest.config.json': json({ testMatch: ['test/*.test.js'] }),
  '.c8rc.json': json({ lines: 70 }),
  'src/price.js': PRICE,
  'src/catalog.js': "exports.names = () => ['a', 'b'];\n",
  'shared/linked.js': "require('node:assert').equal(require('../src/price').discount(50), 50);\n",
  'test/linked.test.js': { link: '../shared/linked.js' },
  'test/price.test.js': TESTS,
  'test/catalog.test.js': CATALOG_TESTS,
  'test/count.js': COUNTER,
  'test/helpers/near.js':
    "exports.near = (seen, wanted) => require('node:assert').ok(Math.abs(seen - wanted) < 0.01);\n",
  'test/helpers/retry.js': [
    'exports.TRIES = 1;',
    'exports.retry = async (work) => {',
    '  for (let at = 1; ; at += 1) try { return await work(); } catch (error) { if (at >= exports.TRIES) throw error; }',
    '};',
    '',
  ].join('\n'),
  'test/fixtures/order.json': json({ items: [{ price: 10, count: 2 }, { price: 5 }], total: 25 }),
  'test/__snapshots__/label.snap': '€ 9.50\n',
  '.github/CODEOWNERS': 'test/ @quality\n',
};

/** The text of one of its files. */
export function shopText(path: string): string {
  const content = SHOP[path];
  if (typeof content !== 'string') throw new Error(`the shop has no text at ${path}`);
  return content;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
