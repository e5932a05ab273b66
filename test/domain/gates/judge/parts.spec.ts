import { isNewTestOnly, isTestsOnly } from '../../../../src/domain/gates/judge/additions';
import { manifestOf, scriptTexts, testingScripts } from '../../../../src/domain/gates/judge/manifests';
import { ownersIn } from '../../../../src/domain/gates/judge/owners';

describe('package.json', () => {
  const main = { name: 'a', version: '1.0.0', scripts: { test: 'npm run unit', unit: 'node run.mjs', build: 'tsc' } };
  const manifest = manifestOf('packages/a/package.json');
  const judging = (value: unknown) => manifest?.judging(JSON.stringify(value), 'npm test');

  test('judges by the scripts that test, by those that they run, and by settings of runners', () => {
    expect(testingScripts(main.scripts, 'npm test').toSorted()).toEqual(['test', 'unit']);
    expect(testingScripts({ all: 'x', other: 'y' }, 'npm run all')).toEqual(['all']);
    expect(scriptTexts(JSON.stringify(main), 'npm test')).toContain('node run.mjs');
    const bumped = { ...main, version: '2.0.0', scripts: { ...main.scripts, build: 'swc' }, dependencies: { b: '1' } };
    expect(judging(bumped)).toBe(judging(main));
    expect(judging({ ...main, scripts: { ...main.scripts, unit: 'true' } })).not.toBe(judging(main));
    expect(judging({ ...main, jest: { testMatch: ['none'] } })).not.toBe(judging(main));
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(judging({ ...main, scripts: { ...main.scripts, [hook]: 'rm -r test' } })).not.toBe(judging(main));
    expect(manifest?.judging('{', 'npm test')).toBeNull();
  });

  test('takes those parts from main, and nothing else', () => {
    const mine = {
      name: 'a',
      version: '2.0.0',
      jest: {},
      scripts: { test: 'true', build: 'swc', pretest: 'rm -r test' },
    };
    const text = manifest?.withParts(JSON.stringify(mine), JSON.stringify(main), 'npm test') ?? '';
    expect(JSON.parse(text)).toEqual({
      name: 'a',
      version: '2.0.0',
      scripts: { build: 'swc', test: 'npm run unit', unit: 'node run.mjs' },
    });
  });
});

test('sections of pyproject.toml are told apart', () => {
  const manifest = manifestOf('pyproject.toml');
  const main = '[project]\nname = "a"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n\n[tool.black]\nline = 1\n';
  const mine =
    '[project]\nname = "b"\n\n[tool.pytest.ini_options]\naddopts = "--ignore=tests"\n\n[tool.black]\nline = 2\n';
  expect(manifest?.judging(main, '')).not.toBe(manifest?.judging(mine, ''));
  const text = manifest?.withParts(mine, main, '') ?? '';
  expect(text).toBe('[project]\nname = "b"\n\n[tool.black]\nline = 2\n\n[tool.pytest.ini_options]\naddopts = "-q"\n');
  expect(manifest?.judging(text, '')).toBe(manifest?.judging(main, ''));
  expect(manifestOf('src/package.json.ts')).toBeNull();
});

describe('a section of pyproject.toml that', () => {
  const manifest = manifestOf('pyproject.toml');
  const main = '[project]\nname = "a"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n\n[tool.black]\nline = 1\n';
  const bare = '[project]\nname = "a"\n';
  const isJudged = (mine: string, before: string) => {
    const [one, other] = [manifest?.judging(mine, ''), manifest?.judging(before, '')];
    return one === null || one !== other;
  };

  test.each([
    ['is indented', `${bare}  [tool.pytest.ini_options]\n  addopts = "-k none"\n`],
    ['has spaces in its heading', `${bare}[ tool . pytest . ini_options ]\naddopts = "-k none"\n`],
    ['has quotes in its heading', `${bare}["tool".'pytest'.ini_options]\naddopts = "-k none"\n`],
    ['has dotted keys', `${bare}[tool]\npytest.ini_options.addopts = "-k none"\n`],
    ['stands above all headings', `tool.pytest.ini_options.addopts = "-k none"\n${bare}`],
  ])('%s judges', (_what, mine) => {
    expect(isJudged(mine, bare)).toBe(true);
    expect(isJudged(bare, mine)).toBe(true);
  });

  test('is put into a text of several lines is gone, and nobody can tell the parts apart', () => {
    const mine = main
      .replace('[tool.pytest', "a = '''\n[tool.pytest")
      .replace('[tool.black]', "[tool.x]\n'''\n[tool.black]");
    expect(isJudged(mine, main)).toBe(true);
    expect(manifest?.withParts(mine, main, '')).toBeNull();
  });

  test('stands beside a long text is told apart as long as that stays', () => {
    const long = `${main}exclude = '''\n^/build\n'''\n`;
    expect(isJudged(long.replace('"a"', '"b"'), long)).toBe(false);
    expect(isJudged(long.replace('"-q"', '"-x"'), long)).toBe(true);
  });
});

describe('additions', () => {
  const FILE = [
    "import test from 'node:test';",
    '',
    "test('one', () => {",
    '  check(1);',
    '});',
    '',
    "test('two', () => {",
    '  check(2);',
    '});',
    '',
  ].join('\n');
  const NEW = ["test('three', () => {", '  const a = { b: [1] };', '  check(a);', '});', ''];
  const withLines = (at: number, lines: readonly string[]) =>
    FILE.split('\n')
      .toSpliced(at, 0, ...lines)
      .join('\n');

  test.each([
    ['at the end', withLines(9, NEW)],
    ['in between, where lines are alike', withLines(6, NEW)],
    ['on one line', withLines(9, ["test('four', () => { check(4); });"])],
    ['several', withLines(9, [...NEW, ...NEW.map((line) => line.replace('three', 'four'))])],
  ])('a whole test %s', (_where, after) => {
    expect(isTestsOnly('test/a.test.js', FILE, after)).toBe(true);
    // Of a language whose tests are not known it takes a second run.
    expect(isTestsOnly('test/test_a.py', FILE, after)).toBe(false);
  });

  test.each([
    ['a return', withLines(3, ['  return;'])],
    ['a return behind a test', withLines(9, [...NEW.slice(0, 4), 'return;'])],
    ['a try around a line', FILE.replace('  check(1);', '  try {\n  check(1);\n  } catch {}')],
    ['a mock', withLines(2, ["jest.mock('../src/a');"])],
    ['a mock in a test', withLines(9, ["test('x', () => {", "  jest.mock('../src/a');", '});'])],
    ['more time', withLines(2, ['jest.setTimeout(1e6);'])],
    ['retries', withLines(2, ['jest.retryTimes(9);'])],
    ['a test alone', withLines(9, ["test.only('x', () => {", '});'])],
    ['a comment around one', withLines(9, ["test('x', () => {", '});', '/*'])],
    ['an end of the process', withLines(9, ["test('x', () => {", '  process.exit(0);', '});'])],
    ['another line that is gone', withLines(9, NEW).replace('check(1)', 'check()')],
    ['a hook', withLines(9, ['beforeEach(() => {', '  reset();', '});'])],
    ['nothing', FILE],
    ['half a test', withLines(9, NEW.slice(0, 3))],
  ])('no addition of tests: %s', (_what, after) => {
    expect(isTestsOnly('test/a.test.js', FILE, after)).toBe(false);
  });

  test('in Go', () => {
    const before = 'package a\n\nfunc TestOne(t *testing.T) {\n\tcheck(1)\n}\n';
    expect(isTestsOnly('a_test.go', before, `${before}\nfunc TestTwo(t *testing.T) {\n\tcheck(2)\n}\n`)).toBe(true);
    expect(isTestsOnly('a_test.go', before, `${before}\nfunc TestMain(m *testing.M) {\n\tos.Exit(0)\n}\n`)).toBe(false);
  });

  test('a new file reaches the others by few ways', () => {
    expect(isNewTestOnly("test('a', () => { jest.mock('b'); check(1); });")).toBe(true);
    expect(isNewTestOnly("const assert = require('assert'); assert.equal(run().exitCode, 0);")).toBe(true);
    expect(isNewTestOnly('import pytest\n\ndef test_a(tmp_path):\n    (tmp_path / "a").write_text("b")\n')).toBe(true);
    for (const text of ["test.only('a')", 'process.exit(0)', 'Array.prototype.map = f', 'os._exit(0)', 'fit("a")'])
      expect([text, isNewTestOnly(text)]).toEqual([text, false]);
  });

  test.each([
    "test['only']('a', () => {})",
    'process.exitCode = 0',
    "process['exit'](0)",
    'const p = process;',
    "import { exit as e } from 'node:process'",
    'assert.equal = () => {}',
    'unittest.TestCase.assertEqual = lambda *a: None',
    'def pytest_collection_modifyitems(items):',
    'builtins.len = lambda x: 1',
    "fs.writeFileSync('test/other.test.js', '')",
    "fs.rmSync(__dirname + '/other.test.js')",
    'func init() { compare = always }',
    'class PriceTest { static { Runtime.getRuntime().halt(0); } }',
    'RSpec.configure { |c| c.filter_run_excluding :slow }',
    'class Minitest::Test; def assert_equal(*a); end; end',
    'at_exit { exit! 0 }',
  ])('a new file that reaches the others: %s', (text) => {
    expect(isNewTestOnly(text)).toBe(false);
  });
});

test('owners are those of the last line that fits', () => {
  const owners = ownersIn(
    '# all\n* @all\n*.js @js # theirs\n/docs/ @docs\ntest/ @qa @lead\napps/*/ci.yml @ops\ndocs/* @top\n[Section]\nsrc/**/deep @deep\n',
  );
  expect(owners('README')).toEqual(['@all']);
  expect(owners('src/a.js')).toEqual(['@js']);
  expect(owners('packages/a/test/a.test.js')).toEqual(['@qa', '@lead']);
  expect(owners('docs/a.md')).toEqual(['@top']);
  expect(owners('docs/more/a.md')).toEqual(['@docs']);
  expect(owners('apps/web/ci.yml')).toEqual(['@ops']);
  expect(owners('src/a/b/deep/c')).toEqual(['@deep']);
  expect(ownersIn(null)('a')).toEqual([]);
});
