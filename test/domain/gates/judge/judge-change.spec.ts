import {
  judgeChange,
  judgedEntries,
  judgeScope,
  textsNeeded,
  type ChangedEntry,
  type TreeFile,
} from '../../../../src/domain/gates/judge/judge-change';
import { findingOf, judgeFacts } from '../../../../src/domain/gates/judge/judge-evidence';

const plain = (oid: string, mode = '100644'): TreeFile => ({ mode, oid });
const GROUND = { paths: [], ignore: [], files: new Map(), links: new Map(), manifest: null, command: 'npm test' };
const TEXTS: Readonly<Record<string, string | undefined>> = {
  old: "test('a', () => {\n  check(1);\n});\n",
  more: "test('a', () => {\n  check(1);\n});\ntest('b', () => {\n  check(2);\n});\n",
  less: "test('a', () => {\n});\n",
  manifest: '{"scripts":{"test":"x"},"version":"1"}',
  bumped: '{"scripts":{"test":"x"},"version":"2"}',
  bent: '{"scripts":{"test":"true"},"version":"1"}',
  broken: '{',
};

function judged(entries: readonly ChangedEntry[], more: Partial<typeof GROUND> = {}) {
  const scope = judgeScope({ ...GROUND, ...more });
  const found = judgedEntries(scope, entries);
  const needed = new Set(textsNeeded(scope, found));
  const texts = (oid: string) => (needed.has(oid) ? (TEXTS[oid] ?? null) : null);
  return judgeChange(scope, found, { texts, command: 'npm test' });
}

const told = (entries: readonly ChangedEntry[], more = {}) =>
  judged(entries, more).files.map(({ path, kind, change, weighs }) => `${path} ${kind} ${change} ${String(weighs)}`);

test.each([
  ['a change of the code alone', { path: 'src/a.js', before: plain('old'), after: plain('less') }, []],
  ['a new test', { path: 'a.test.js', before: null, after: plain('old') }, ['a.test.js test added false']],
  [
    'a test more in a file',
    { path: 'a.test.js', before: plain('old'), after: plain('more') },
    ['a.test.js test changed false'],
  ],
  [
    'an assertion less',
    { path: 'a.test.js', before: plain('old'), after: plain('less') },
    ['a.test.js test changed true'],
  ],
  ['a test that is gone', { path: 'a.test.js', before: plain('old'), after: null }, ['a.test.js test removed true']],
  [
    'one that nobody can read',
    { path: 'a.test.js', before: null, after: plain('huge') },
    ['a.test.js test added true'],
  ],
  [
    'one that becomes a link',
    { path: 'a.test.js', before: plain('old'), after: plain('l', '120000') },
    ['a.test.js test changed true'],
  ],
  [
    'one that is a link from the start',
    { path: 'a.test.js', before: null, after: plain('l', '120000') },
    ['a.test.js test added true'],
  ],
  [
    'a submodule in the place of a test',
    { path: 'a.test.js', before: plain('old'), after: plain('s', '160000') },
    ['a.test.js test changed true'],
  ],
  ['a new fixture', { path: 'test/a.json', before: null, after: plain('x') }, ['test/a.json fixture added false']],
  [
    'a new fixture that is code',
    { path: 'testdata/a.js', before: null, after: plain('x') },
    ['testdata/a.js fixture added true'],
  ],
  [
    'a fixture that is changed',
    { path: 'test/a.json', before: plain('x'), after: plain('y') },
    ['test/a.json fixture changed true'],
  ],
  ['a new helper', { path: 'test/help.js', before: null, after: plain('x') }, ['test/help.js support added true']],
  [
    'a new configuration',
    { path: 'jest.config.js', before: null, after: plain('x') },
    ['jest.config.js suite added true'],
  ],
  ['CI', { path: '.gitlab-ci.yml', before: plain('x'), after: null }, ['.gitlab-ci.yml ci removed false']],
  ['a version of the package', { path: 'package.json', before: plain('manifest'), after: plain('bumped') }, []],
  [
    'a script that tests',
    { path: 'package.json', before: plain('manifest'), after: plain('bent') },
    ['package.json suite changed true'],
  ],
  [
    'a manifest nobody can read',
    { path: 'package.json', before: plain('manifest'), after: plain('broken') },
    ['package.json suite changed true'],
  ],
  [
    'a manifest that is gone',
    { path: 'package.json', before: plain('manifest'), after: null },
    ['package.json suite removed true'],
  ],
  ['a new manifest', { path: 'a/package.json', before: null, after: plain('bent') }, []],
] as const)('%s', (_what, entry, expected) => {
  expect(told([entry])).toEqual(expected);
});

test('what the project names weighs, what it takes out does not, and that of a manifest is left alone', () => {
  const entries = [
    { path: 'src/rules.js', before: plain('old'), after: plain('more') },
    { path: 'test/a.json', before: plain('x'), after: plain('y') },
    { path: 'package.json', before: plain('manifest'), after: plain('bent') },
  ];
  expect(told(entries, { paths: ['src/rules.js'], ignore: ['test/*.json', 'package.json'] })).toEqual([
    'src/rules.js named changed true',
  ]);
});

test('a script of the manifest that is run names files that judge', () => {
  const files = new Map([['tools/all.mjs', plain('x')]]);
  const manifest = '{"scripts":{"test":"npm run all","all":"node tools/all.mjs"}}';
  const entry = { path: 'tools/all.mjs', before: plain('x'), after: plain('y') };
  expect(told([entry], { files, manifest })).toEqual(['tools/all.mjs named changed true']);
});

test('the plan restores what main has, leaves out what it has not, and writes manifests anew', () => {
  const { plan } = judged([
    { path: 'a.test.js', before: plain('old'), after: plain('less') },
    { path: 'b.test.js', before: plain('old', '100755'), after: null },
    { path: 'c.test.js', before: null, after: plain('old') },
    { path: 'package.json', before: plain('manifest'), after: plain('bent') },
    { path: 'src/a.js', before: plain('old'), after: plain('less') },
  ]);
  expect(plan).toEqual({
    put: [
      { path: 'a.test.js', mode: '100644', oid: 'old' },
      { path: 'b.test.js', mode: '100755', oid: 'old' },
    ],
    leaveOut: ['c.test.js'],
    write: [{ path: 'package.json', mode: '100644', text: expect.stringContaining('"test": "x"') as string }],
  });
});

test('what a second run found', () => {
  const run = (exitCode: number, doubt: string | null = null) => ({
    exitCode,
    doubt,
    durationMs: 1,
    runId: 'r',
    tail: '',
  });
  const trial = (...runs: ReturnType<typeof run>[]) => ({ treeOid: 't', runs, isKnown: false });
  const weighing = { path: 'a', kind: 'test', change: 'changed', weighs: true } as const;
  expect(findingOf([], null)).toBe('unchanged');
  expect(findingOf([{ ...weighing, weighs: false }], null)).toBe('added');
  expect(findingOf([weighing], null)).toBe('noted');
  expect(findingOf([weighing], trial(run(0)))).toBe('green');
  expect(findingOf([weighing], trial(run(1), run(1)))).toBe('rewritten');
  expect(findingOf([weighing], trial(run(1)))).toBe('rewritten');
  expect(findingOf([weighing], trial(run(1), run(0)))).toBe('contradictory');
  expect(findingOf([weighing], trial(run(0, 'no test ran')))).toBe('unproven');
  const outcome = {
    finding: 'rewritten',
    files: Array.from({ length: 60 }, (_, at) => ({ ...weighing, path: `t${at}` })),
  };
  const facts = judgeFacts({ ...outcome, protected: [], trial: trial(run(1)) } as never, () => ['@a']);
  expect(facts).toMatchObject({ fileCount: 60, pathCount: 60, trial: { exitCode: 1, runs: 1 } });
  expect([(facts['paths'] as unknown[]).length, (facts['files'] as unknown[]).length]).toEqual([50, 20]);
});
