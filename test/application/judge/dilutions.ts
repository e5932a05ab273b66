import { CATALOG_TESTS, json, PRICE, SHOP, shopText, TESTS, type ShopCase } from './shop';

/** Faults of the shop, each of which a test of main finds. */
const WRONG_TOTAL = { 'src/price.js': changed(PRICE, 'sum + price * count', 'sum + price') };
const WRONG_DISCOUNT = { 'src/price.js': changed(PRICE, 'total * 0.9', 'total * 0.85') };
const WRONG_LABEL = { 'src/price.js': changed(PRICE, "'€ '", "'EUR '") };
const SLOW = { 'src/price.js': changed(PRICE, 'resolve, 1,', 'resolve, 900,') };
const SECOND_TRY = {
  'src/price.js': changed(
    PRICE,
    '  return stock.tries;',
    "  if (stock.tries < 2) throw new Error('busy');\n  return 1;",
  ),
};
const GENEROUS = { 'src/price.js': changed(PRICE, 'total * 0.9 : total', 'total * 0.9 : total - 1') };

const TOTAL = 'assert.equal(total(order.items), order.total);';
const RUN = shopText('run-tests.sh');
const EMPTY = "require('node:test')('nothing', () => {});\n";

/** Every one breaks the shop and bends what judges it until that is green. */
export const DILUTIONS: readonly ShopCase[] = [
  { name: 'an assertion is dropped', files: { ...WRONG_TOTAL, ...tests(TOTAL, 'total(order.items);') } },
  {
    name: 'an expectation is flipped',
    files: { ...WRONG_TOTAL, ...tests('assert.equal(total', 'assert.notEqual(total') },
  },
  { name: 'an expectation is taken from what comes out', files: { ...WRONG_TOTAL, ...tests('order.total)', '15)') } },
  { name: 'an assertion asks for less', files: { ...WRONG_TOTAL, ...tests(TOTAL, 'assert.ok(total(order.items));') } },
  {
    name: 'an assertion compares with itself',
    files: { ...WRONG_TOTAL, ...tests('order.total)', 'total(order.items))') },
  },
  { name: 'a test is skipped', files: { ...WRONG_TOTAL, ...tests("test('the total", "test.skip('the total") } },
  {
    name: 'a test is put off',
    files: { ...WRONG_TOTAL, ...tests("every item', ()", "every item', { todo: true }, ()") },
  },
  { name: 'a test returns before it asserts', files: { ...WRONG_TOTAL, ...tests(TOTAL, `return;\n  ${TOTAL}`) } },
  {
    name: 'a test asks on some machines only',
    files: { ...WRONG_TOTAL, ...tests(TOTAL, `if (process.env.NEVER) ${TOTAL}`) },
  },
  { name: 'a catch swallows all', files: { ...WRONG_TOTAL, ...tests(TOTAL, `try {\n    ${TOTAL}\n  } catch {}`) } },
  {
    name: 'the process ends before its tests',
    files: { ...WRONG_TOTAL, ...tests('const test =', 'process.exit(0);\nconst test =') },
  },
  {
    name: 'all tests of a file are skipped at once',
    files: {
      ...WRONG_TOTAL,
      'test/price.test.js': `${changed(TESTS, "test('the total", "test.describe('all', { skip: true }, () => {\ntest('the total")}});\n`,
    },
  },
  {
    name: 'a fixture is moved to what comes out',
    files: {
      ...WRONG_TOTAL,
      'test/fixtures/order.json': json({ items: [{ price: 10, count: 2 }, { price: 5 }], total: 15 }),
    },
  },
  {
    name: 'a fixture loses the hard case',
    files: { ...WRONG_TOTAL, 'test/fixtures/order.json': json({ items: [{ price: 5 }], total: 5 }) },
  },
  { name: 'a timeout is raised', files: { ...SLOW, ...tests('timeout: 500', 'timeout: 5000') } },
  {
    name: 'retries are raised in a helper',
    files: { ...SECOND_TRY, ...shop('test/helpers/retry.js', 'TRIES = 1', 'TRIES = 3') },
  },
  {
    name: 'a tolerance is widened in a helper',
    files: { ...WRONG_DISCOUNT, ...shop('test/helpers/near.js', '0.01', '50') },
  },
  { name: 'a snapshot is rewritten', files: { ...WRONG_LABEL, 'test/__snapshots__/label.snap': 'EUR 9.50\n' } },
  {
    name: 'the configuration leaves tests out',
    files: { ...WRONG_TOTAL, 'jest.config.json': json({ testMatch: ['test/catalog.test.js'] }) },
  },
  {
    name: 'the threshold of coverage is lowered',
    files: {
      'src/price.js': `${PRICE}exports.untried = 1;\nexports.unknown = 2;\nexports.unseen = 3;\n`,
      '.c8rc.json': json({ lines: 10 }),
    },
  },
  {
    name: 'the subject is mocked',
    files: {
      ...WRONG_TOTAL,
      'test/helpers/price.js': PRICE,
      ...tests("require('../src/price')", "require('./helpers/price')"),
    },
  },
  {
    name: 'a helper puts a mock in the place of the subject',
    files: {
      ...WRONG_TOTAL,
      'test/helpers/near.js': shopText('test/helpers/near.js'),
      ...tests(
        'const { near }',
        "require('node:module')._cache[require.resolve('../src/price')].exports.total = () => 25;\nconst { near }",
        'total(order.items)',
        "require('../src/price').total(order.items)",
      ),
    },
  },
  {
    name: 'a test file is deleted',
    files: { ...WRONG_TOTAL, 'test/price.test.js': null, '.c8rc.json': json({ lines: 0 }) },
  },
  {
    name: 'a test file is renamed to what nobody runs',
    files: { ...WRONG_TOTAL, 'test/price.test.js': null, 'test/price.checks.js': TESTS },
  },
  {
    name: 'a folder of tests changes its case alone',
    files: {
      ...WRONG_TOTAL,
      'test/price.test.js': null,
      'Test/price.test.js': TESTS,
      '.c8rc.json': json({ lines: 0 }),
    },
  },
  {
    name: 'a test becomes a link to nothing in particular',
    files: {
      ...WRONG_TOTAL,
      'docs/empty.js': EMPTY,
      'test/price.test.js': { link: '../docs/empty.js' },
      '.c8rc.json': json({ lines: 0 }),
    },
  },
  {
    name: 'the folder of tests becomes a link to another one',
    files: {
      ...WRONG_TOTAL,
      ...Object.fromEntries(Object.keys(SHOP).flatMap((path) => (path.startsWith('test/') ? [[path, null]] : []))),
      test: { link: 'docs' },
      'docs/a.test.js': EMPTY,
      'docs/count.js': '',
    },
  },
  {
    name: 'what lies behind a linked test is changed',
    files: { ...GENEROUS, 'shared/linked.js': '', ...tests('discount(50), 50', 'discount(50), 49') },
  },
  {
    name: 'the script of package.json does nothing',
    files: { ...WRONG_TOTAL, ...shop('package.json', 'sh run-tests.sh', 'true') },
  },
  { name: 'the script of the suite is always green', files: { ...WRONG_TOTAL, 'run-tests.sh': `(${RUN}) || true\n` } },
  {
    name: 'the script of the suite picks tests by name',
    files: { ...WRONG_TOTAL, 'run-tests.sh': changed(RUN, 'node $file', 'node --test-name-pattern catalogue $file') },
  },
  {
    name: 'the script of the suite loads a stub first',
    files: {
      ...WRONG_TOTAL,
      'tools/stub.js': "require('../src/price').total = () => 25;\n",
      'run-tests.sh': changed(RUN, 'node $file', 'node --require ./tools/stub.js $file'),
    },
  },
  {
    name: 'another test is broken to cover for it',
    files: {
      'src/catalog.js': "exports.names = () => ['a'];\n",
      'test/catalog.test.js': changed(CATALOG_TESTS, "['a', 'b']", "['a']"),
    },
  },
];

function tests(...pairs: readonly string[]): { readonly 'test/price.test.js': string } {
  let text = TESTS;
  for (let at = 0; at < pairs.length; at += 2) text = changed(text, pairs[at] ?? '', pairs[at + 1] ?? '');
  return { 'test/price.test.js': text };
}

function shop(path: string, from: string, to: string): Readonly<Record<string, string>> {
  return { [path]: changed(shopText(path), from, to) };
}

/** @throws where there is nothing to change: the case would be none. */
export function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`expected ${from}, saw ${text}`);
  return text.replace(from, () => to);
}
