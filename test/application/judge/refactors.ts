import { changed } from './dilutions';
import { CATALOG_TESTS, json, PRICE, shopText, TESTS, type ShopCase } from './shop';

const MORE = `
test('an empty order is free', () => {
  assert.equal(total([]), 0);
});
`;
const NEAR = shopText('test/helpers/near.js');

/** Work that nobody should have to explain. */
export const REFACTORS: readonly ShopCase[] = [
  { name: 'a test file is renamed', files: { 'test/price.test.js': null, 'test/pricing.test.js': TESTS } },
  { name: 'a test file is new', files: { 'test/more.test.js': CATALOG_TESTS } },
  { name: 'a test is added at the end', files: { 'test/price.test.js': TESTS + MORE } },
  {
    name: 'a test is added in between',
    files: { 'test/price.test.js': changed(TESTS, "\ntest('a small", `${MORE}\ntest('a small`) },
  },
  {
    name: 'a helper is moved',
    files: {
      'test/helpers/near.js': null,
      'test/support/near.js': NEAR,
      'test/price.test.js': changed(TESTS, './helpers/near', './support/near'),
    },
  },
  {
    name: 'all helpers are moved',
    files: {
      'test/helpers/near.js': null,
      'test/helpers/retry.js': null,
      'test/support/near.js': NEAR,
      'test/support/retry.js': shopText('test/helpers/retry.js'),
      'test/price.test.js': TESTS.replaceAll('./helpers/', './support/'),
    },
  },
  { name: 'tests are formatted', files: { 'test/price.test.js': TESTS.replaceAll('  ', '    ').replaceAll("'", '"') } },
  { name: 'a comment is put into tests', files: { 'test/price.test.js': `// Tests of prices.\n${TESTS}` } },
  { name: 'tests become strict', files: { 'test/price.test.js': `'use strict';\n${TESTS}` } },
  {
    name: 'a test gets a better name',
    files: { 'test/price.test.js': changed(TESTS, 'gets none', 'gets no discount') },
  },
  {
    name: 'an assertion becomes stricter',
    files: { 'test/price.test.js': TESTS.replaceAll('assert.equal', 'assert.strictEqual') },
  },
  { name: 'a timeout is lowered', files: { 'test/price.test.js': changed(TESTS, '500', '400') } },
  { name: 'a fixture is new', files: { 'test/fixtures/large.json': json({ items: [], total: 0 }) } },
  {
    name: 'a fixture is formatted',
    files: { 'test/fixtures/order.json': JSON.stringify(JSON.parse(shopText('test/fixtures/order.json'))) },
  },
  { name: 'a snapshot is new', files: { 'test/__snapshots__/more.snap': 'more\n' } },
  {
    name: 'tests are split into two files',
    files: {
      'test/price.test.js': TESTS.slice(0, TESTS.indexOf("\ntest('the price")),
      'test/slow.test.js':
        TESTS.slice(0, TESTS.indexOf("\ntest('the total")) + TESTS.slice(TESTS.indexOf("\ntest('the price")),
    },
  },
  {
    name: 'two test files become one',
    files: {
      'test/catalog.test.js': null,
      'test/price.test.js': `${TESTS}\n${CATALOG_TESTS.split('\n').slice(2).join('\n')}`,
    },
  },
  {
    name: 'tests are written as a table',
    files: {
      'test/price.test.js': changed(
        TESTS,
        "test('a small order gets none', () => {\n  assert.equal(discount(50), 50);\n});",
        "for (const small of [1, 50, 99]) {\n  test('an order of ' + small, () => {\n    assert.equal(discount(small), small);\n  });\n}",
      ),
    },
  },
  {
    name: 'tests are grouped',
    files: {
      'test/catalog.test.js': `${changed(CATALOG_TESTS, "test('the", "test.describe('names', () => {\ntest('the")}});\n`,
    },
  },
  {
    name: 'the code is written anew, its tests are not',
    files: {
      'src/price.js': changed(PRICE, 'total >= 100 ? total * 0.9 : total', 'total < 100 ? total : total * 0.9'),
    },
  },
  {
    name: 'a feature comes with its test',
    files: {
      'src/price.js': `${PRICE}exports.half = (total) => total / 2;\n`,
      'test/half.test.js':
        "const { half } = require('../src/price');\nrequire('node:test')('half', () => require('node:assert').equal(half(4), 2));\n",
    },
  },
  {
    name: 'a bug is fixed with its test',
    files: {
      'src/price.js': changed(PRICE, 'count = 1 }', 'count = 1, free = false }').replace(
        'price * count',
        '(free ? 0 : price * count)',
      ),
      'test/price.test.js': TESTS + MORE.replace('[]', '[{ price: 5, free: true }]'),
    },
  },
  {
    name: 'the subject is moved, and can still be found',
    files: {
      'src/price.js': "module.exports = require('./pricing/price');\n",
      'src/pricing/price.js': PRICE,
      'test/price.test.js': changed(TESTS, '../src/price', '../src/pricing/price'),
    },
  },
  {
    name: 'the version of the package is raised',
    files: { 'package.json': changed(shopText('package.json'), '1.0.0', '1.1.0') },
  },
  {
    name: 'another script is changed',
    files: { 'package.json': changed(shopText('package.json'), '"true"', '"tsc"') },
  },
  { name: 'the threshold of coverage is raised', files: { '.c8rc.json': json({ lines: 90 }) } },
  {
    name: 'the configuration finds more tests',
    files: {
      'jest.config.json': json({ testMatch: ['test/*.test.js', 'test/more/*.test.js'] }),
      'test/more/a.test.js': CATALOG_TESTS.replace('../', '../../'),
    },
  },
  {
    name: 'the script of the suite says more',
    files: { 'run-tests.sh': `echo begin\n${shopText('run-tests.sh')}` },
  },
  { name: 'CI is changed', files: { '.github/workflows/ci.yml': 'on: push\n', '.github/CODEOWNERS': '* @all\n' } },
  { name: 'documentation is written', files: { 'README.md': '# Shop\n', 'docs/testing.md': 'Run npm test.\n' } },
];

/** Honest too, and main's tests know nothing of it: a person has to say so, in one command. */
export const HELD_REFACTORS: readonly ShopCase[] = [
  {
    name: 'the interface changes, and its tests with it',
    files: {
      'src/price.js': changed(PRICE, 'exports.total = (items) =>', 'exports.total = ({ items }) =>'),
      'test/price.test.js': changed(TESTS, 'total(order.items)', 'total(order)'),
    },
  },
  { name: 'a feature is removed with its tests', files: { 'src/catalog.js': null, 'test/catalog.test.js': null } },
];
