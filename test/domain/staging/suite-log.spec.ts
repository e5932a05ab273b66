import fc from 'fast-check';
import { keysOf, readFrontMatter, RETEST_KEYS, readVerdict } from '../../../src/domain/staging/front-matter';
import { logOfStage, renderSuiteLog, RETEST_LOG, type SuiteLog } from '../../../src/domain/staging/suite-log';
import { BASE, CANDIDATE, HEAD, MERGED_TREE, RUN, SUITE_DIGEST } from '../../support/task-stories';
import { TASK } from '../../support/policies';
import { bytes, KEYS } from './artifacts';

const LOG: SuiteLog = {
  kind: logOfStage({ stage: 'deploy-staging', heading: 'Staging run' }),
  task: TASK,
  title: 'Faster queue',
  status: 'SUCCESS',
  cause: null,
  claim: '8',
  subjectOid: HEAD,
  suiteDigest: SUITE_DIGEST,
  suite: 'npm test',
  run: RUN,
  evidence: [],
  tail: 'ok 1 - adds\nok 2 - subtracts\n',
};

const ESC = '\u001b';
/** Output that tries to be something else than output. */
const HOSTILE_OUTPUT: readonly (readonly [name: string, tail: string])[] = [
  ['colours', `${ESC}[31mred${ESC}[0m and ${ESC}[1;4;38;5;200mloud${ESC}[m`],
  ['a cleared screen and a moved cursor', `${ESC}[2J${ESC}[H${ESC}[10;20f${ESC}c${ESC}7${ESC}(B`],
  ['a window title', `${ESC}]0;pwned\u0007 ${ESC}]2;pwned${ESC}\\`],
  ['a link', `${ESC}]8;;https://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`],
  ['8-bit controls', '\u009b31mred \u009d0;title\u009c'],
  ['an escape split by a NUL', `${ESC}\u0000[31m`],
  ['an escape that never ends', `${ESC}]0;${'x'.repeat(10_000)}`],
  ['a closing fence', '```\n# Verdict: SUCCESS\n```'],
  ['tildes', '~~~\nstaging_status: SUCCESS\n~~~'],
  ['a second block', '---\nstaging_status: SUCCESS\n---'],
  ['the verdict key at the start of a line', 'staging_status: SUCCESS'],
  ['the verdict key after a carriage return', 'x\rstaging_status: SUCCESS'],
  ['the verdict key after a line separator', 'x\u2028staging_status: SUCCESS\u2029staging_status: SUCCESS'],
  ['text that runs backwards', 'safe \u202e\u2066SSECCUS\u2069\u202c \u061c'],
  ['characters without width', 's\u200bt\u200daging\u2060\ufeff\u00ad'],
  ['letters in tags', '\u{e0041}\u{e0042}'],
  ['half a character', 'x\ud83d'],
  ['HTML', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['a bell and a backspace', 'a\u0007b\u0008c'],
  ['nothing but line breaks', '\n'.repeat(50_000)],
  ['a megabyte', 'x'.repeat(1_100_000)],
  ['wide characters', '漢'.repeat(400_000)],
];

describe('a rendered staging log', () => {
  test('says what the run was, its output indented', () => {
    expect(renderSuiteLog({ ...LOG, evidence: ['load 48'] })).toBe(`---
staging_status: SUCCESS
task: web.WEB-1
run_id: run-1
claim_revision: 8
subject_oid: ${HEAD}
suite_digest: ${SUITE_DIGEST}
exit_code: 0
isolation: L2-cgroup
started_at: 2026-01-05T08:00:00.000Z
finished_at: 2026-01-05T08:01:00.000Z
duration_ms: 60000
producer: staging-runner
log_digest: ${RUN.logDigest}
---
# Staging run of web.WEB-1

- title: \`Faster queue\`
- suite: \`npm test\`
- commit: ${HEAD}
- exit code: 0
- duration: 60000 ms, isolation L2-cgroup, leaked processes ended: 0
- \`load 48\`

## Output, last part

    ok 1 - adds
    ok 2 - subtracts
`);
  });

  test('of a suite that did not execute says so, and has no exit code', () => {
    const text = renderSuiteLog({
      ...LOG,
      status: 'FAILED',
      cause: 'infra-exhausted',
      run: { ...RUN, exitCode: null },
      tail: '',
    });
    expect(text).toContain('cause: infra-exhausted\n');
    expect(text).not.toContain('exit_code:');
    expect(text).toContain('- exit code: none, the suite did not execute\n');
    expect(text).toContain('\n(none)\n');
    expect(readVerdict('deploy-staging', 'runner', bytes(text))).toEqual({ kind: 'ok', status: 'FAILED' });
  });

  test.each(HOSTILE_OUTPUT)('keeps its verdict and stays plain text whatever is printed: %s', (_name, tail) => {
    for (const status of ['SUCCESS', 'FAILED'] as const) {
      const text = renderSuiteLog({ ...LOG, status, tail, title: tail, suite: tail, evidence: [tail, 'end'] });
      expect(readVerdict('deploy-staging', 'runner', bytes(text))).toEqual({ kind: 'ok', status });
      expectPlain(text);
      expect(text).toMatch(/\n- `+ ?end ?`+\n/);
    }
  });

  test('shows the end of an output that is too long', () => {
    const text = renderSuiteLog({ ...LOG, tail: `begin ${'x'.repeat(200_000)} end` });
    expect(text).toMatch(/x end\n$/);
    expect(text).not.toContain('begin');
  });

  test('has one line for a title or a suite of many, and no Markdown in it comes alive', () => {
    const text = renderSuiteLog({ ...LOG, title: 'a\n# b', suite: 'x `y` ``z`` [l](javascript:alert(1)) <b>' });
    expect(text).toContain('- title: `a # b`\n');
    expect(text).toContain('- suite: ``` x `y` ``z`` [l](javascript:alert(1)) <b> ```\n');
  });

  test('is the same bytes for the same data', () => {
    expect(renderSuiteLog({ ...LOG })).toBe(renderSuiteLog(JSON.parse(JSON.stringify(LOG)) as SuiteLog));
  });

  test('is taken by the reader for any output, title, suite and evidence, with every value as it was', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc
        .array(fc.constantFrom(...HOSTILE_OUTPUT.slice(0, 19).map(([, tail]) => tail)), { maxLength: 6 })
        .map((parts) => parts.join('\n')),
    );
    const part = fc.record({ title: text, suite: text, tail: text, evidence: fc.array(text, { maxLength: 3 }) });
    fc.assert(
      fc.property(part, fc.constantFrom('SUCCESS' as const, 'FAILED' as const), (log, status) => {
        const rendered = renderSuiteLog({ ...LOG, ...log, status });
        expectPlain(rendered);
        const read = readFrontMatter(KEYS, bytes(rendered));
        expect(read).toMatchObject({ kind: 'ok', values: { staging_status: status, claim_revision: '8', task: TASK } });
      }),
      { numRuns: 300 },
    );
  });

  test('writes every key of the table that it has a value for', () => {
    const header = readFrontMatter(KEYS, bytes(renderSuiteLog({ ...LOG, cause: 'infra-exhausted' })));
    const names = header.kind === 'ok' ? Object.keys(header.values) : [];
    expect(names).toEqual(keysOf('deploy-staging', 'runner').map(({ name }) => name));
  });
});

describe('a rendered re-test log', () => {
  const candidate = { baseOid: BASE, treeOid: MERGED_TREE };
  const retest: SuiteLog = { ...LOG, kind: RETEST_LOG, subjectOid: CANDIDATE, candidate };

  test('has the contract of staging’s, about the candidate', () => {
    const read = readFrontMatter(RETEST_KEYS, bytes(renderSuiteLog({ ...retest, cause: 'inconclusive' })));
    expect(read).toMatchObject({
      kind: 'ok',
      values: {
        retest_status: 'SUCCESS',
        task: TASK,
        run_id: 'run-1',
        subject_oid: CANDIDATE,
        base_oid: BASE,
        tree_oid: MERGED_TREE,
        producer: 'merge-gate',
        log_digest: RUN.logDigest,
      },
    });
    const names = read.kind === 'ok' ? Object.keys(read.values) : [];
    expect(names).toEqual(RETEST_KEYS.map(({ name }) => name));
    expect(read.kind === 'ok' && read.body).toContain(`- commit: ${CANDIDATE}, the branch on top of main's ${BASE}\n`);
  });

  test.each(HOSTILE_OUTPUT)('keeps its verdict whatever is printed: %s', (_name, tail) => {
    const printed = `${tail}\nretest_status: SUCCESS`;
    const read = readFrontMatter(RETEST_KEYS, bytes(renderSuiteLog({ ...retest, status: 'FAILED', tail: printed })));
    expect(read).toMatchObject({ kind: 'ok', values: { retest_status: 'FAILED' } });
  });
});

/** Every line is a heading, a list item, an indented line or blank; no control, no hidden and no half character. */
function expectPlain(text: string): void {
  expect(text).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/,
  );
  expect(Buffer.from(text).toString() === text).toBe(true);
  const bodyLines = text.slice(text.indexOf('\n---\n') + 5).split('\n');
  expect(
    bodyLines.filter((line) => !/^(?:# Staging run of [!-~]+|## Output, last part|- .*| {4}.*|\(none\)|)$/.test(line)),
  ).toEqual([]);
}
