import fc from 'fast-check';
import { readSarif } from '../../../src/infrastructure/reports/sarif/read-sarif';

const tool = {
  driver: {
    name: 'scan',
    rules: [{ id: 'r1', defaultConfiguration: { level: 'error' }, properties: { 'security-severity': '8.1' } }],
  },
};
const at = (uri: string, startLine = 3) => [{ physicalLocation: { artifactLocation: { uri }, region: { startLine } } }];
const result = (more: object = {}) => ({ ruleId: 'r1', message: { text: 'bad' }, locations: at('src/a.js'), ...more });
const sarif = (...results: readonly unknown[]) => ({ version: '2.1.0', runs: [{ tool, results }] });
const read = (value: unknown) => readSarif(typeof value === 'string' ? value : JSON.stringify(value));
const findings = (value: unknown) => {
  const parsed = read(value);
  if (parsed.kind === 'fault') throw new Error(parsed.evidence.join());
  return parsed.report.findings;
};
const one = (value: object) => findings(sarif(result(value)))[0];

describe('a report in SARIF', () => {
  test('says rule, level, severity, file and line, with what the rule says where the result does not', () => {
    expect(one({})).toMatchObject({
      tool: 'scan',
      rule: 'r1',
      level: 'error',
      severity: 8.1,
      path: 'src/a.js',
      line: 3,
    });
    expect(one({ level: 'note', properties: { 'security-severity': 2 } })).toMatchObject({
      level: 'note',
      severity: 2,
    });
    expect(one({ ruleId: 'unknown' })).toMatchObject({ rule: 'unknown', level: 'warning', severity: null });
    expect(one({ ruleId: undefined, ruleIndex: 0 })).toMatchObject({ rule: 'r1', level: 'error' });
    expect(one({ locations: at('./src/with%20space.js') })?.path).toBe('src/with space.js');
  });

  test('may hold several runs, and rules of extensions', () => {
    const extension = { name: 'pack', rules: [{ id: 'e1', defaultConfiguration: { level: 'note' } }] };
    const second = {
      tool: { driver: { name: 'other' }, extensions: [extension] },
      results: [{ message: { text: 'x' }, rule: { index: 0, toolComponent: { index: 0 } } }],
    };
    const parsed = read({ version: '2.1.0', runs: [...sarif(result()).runs, second] });
    expect(parsed).toMatchObject({
      report: { tools: ['scan', 'other'], findings: [{ rule: 'r1' }, { rule: 'e1', level: 'note' }] },
    });
  });

  test('leaves out what is no finding, and marks what was accepted', () => {
    expect(findings(sarif(result({ kind: 'pass', level: 'none' }), result({ baselineState: 'absent' })))).toEqual([]);
    expect(one({ suppressions: [{ kind: 'inSource' }] })?.isSuppressed).toBe(true);
    expect(
      one({ suppressions: [{ kind: 'external', status: 'accepted' }, { status: 'rejected' }] })?.isSuppressed,
    ).toBe(false);
    expect(one({ suppressions: [] })?.isSuppressed).toBe(false);
    // A baseline of the tool lies in the branch: what it calls unchanged is looked at all the same.
    expect(one({ baselineState: 'unchanged' })).toBeDefined();
  });

  test('knows a finding again by its fingerprint, wherever its line and its file have gone', () => {
    const print = (hash: string) => ({ partialFingerprints: { primaryLocationLineHash: hash } });
    const first = one(print('abc:1'))?.identity;
    expect(one({ ...print('abc:2'), locations: at('moved.js', 99) })?.identity).toBe(first);
    expect(one(print('abd:1'))?.identity).not.toBe(first);
    expect(one({ ...print('abc:1'), ruleId: 'r2' })?.identity).not.toBe(first);
  });

  test('without one by rule, file and line of source, or by its message', () => {
    expect(one({ locations: at('src/a.js', 99) })?.identity).toBe(one({})?.identity);
    expect(one({ locations: at('src/b.js') })?.identity).not.toBe(one({})?.identity);
    expect(one({ message: { text: 'worse' } })?.identity).not.toBe(one({})?.identity);
  });
});

describe('no report, and never one without findings, is', () => {
  const failed = (invocation: object) => ({
    version: '2.1.0',
    runs: [{ tool, invocations: [invocation], results: [] }],
  });
  const error = { level: 'error', message: { text: 'cannot parse a.js' } };

  test.each([
    ['a tool that says it failed', failed({ executionSuccessful: false }), 'tool_reported_failure', /execution failed/],
    [
      'a tool that tells of an error',
      failed({ executionSuccessful: true, toolExecutionNotifications: [error] }),
      'tool_reported_failure',
      /cannot parse a.js/,
    ],
    ['an invocation that does not say', failed({}), 'report_malformed', /executionSuccessful: expected true or false/],
    ['no run', { version: '2.1.0', runs: [] }, 'report_malformed', /nothing was scanned/],
    ['a run without results', { version: '2.1.0', runs: [{ tool }] }, 'report_malformed', /nothing was scanned/],
    ['results that are null', { version: '2.1.0', runs: [{ tool, results: null }] }, 'report_malformed', /saw null/],
    ['another version', { ...sarif(), version: '2.0.0' }, 'report_malformed', /saw "2.0.0"/],
    ['a tool without a name', { version: '2.1.0', runs: [{ tool: {}, results: [] }] }, 'report_malformed', /driver/],
    [
      'a level that there is not',
      sarif(result({ level: 'fatal' })),
      'report_malformed',
      /runs\[0\].results\[0\].level/,
    ],
    [
      'a severity beyond 10',
      sarif(result({ properties: { 'security-severity': '11' } })),
      'report_malformed',
      /0 to 10/,
    ],
    ['a rule that is not there', sarif(result({ ruleIndex: 7 })), 'report_malformed', /saw rule 7/],
    ['half a text', JSON.stringify(sarif(result())).slice(0, -5), 'report_malformed', /expected JSON/],
    ['a list', '[]', 'report_malformed', /expected an object, saw a list/],
    ['nothing', '', 'report_malformed', /expected JSON/],
    ['more levels than anybody needs', '['.repeat(100_000), 'report_malformed', /levels of nesting/],
    [
      'a million results',
      `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"s"}},"results":[${'{},'.repeat(999_999)}{}]}]}`,
      'report_malformed',
      /at most 100000, saw 1000000/,
    ],
  ])('%s', (_what, value, reason, words) => {
    const parsed = read(value);
    expect(parsed).toMatchObject({ kind: 'fault', reason });
    if (parsed.kind === 'fault') expect(parsed.evidence.join()).toMatch(words);
  });
});

/** Whole and odd values in the places that are read. */
const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, -1, 'error', [], {}, [null]));
const oddResult = fc.record(
  {
    ruleId: odd,
    ruleIndex: odd,
    rule: odd,
    level: odd,
    kind: odd,
    message: odd,
    locations: odd,
    suppressions: odd,
    partialFingerprints: odd,
    properties: odd,
  },
  { requiredKeys: [] },
);

test('whatever stands in it, it is read or refused, and never less is read than there is', () => {
  fc.assert(
    fc.property(fc.array(oddResult, { maxLength: 4 }), (results) => {
      const parsed = read(sarif(...results));
      if (parsed.kind === 'fault') return parsed.evidence.every((line) => line.length < 1_000);
      const counted = results.filter((each) => (each['kind'] ?? 'fail') === 'fail');
      return parsed.report.findings.length === counted.length;
    }),
    { seed: 1118, numRuns: 500 },
  );
});

test('cut anywhere, it is refused', () => {
  const whole = JSON.stringify(sarif(result(), result({ level: 'note' })));
  for (let length = 0; length < whole.length; length += 1) expect(read(whole.slice(0, length)).kind).toBe('fault');
});

describe('what a branch can write must not stop the service that reads it:', () => {
  test('very many results whose rule none of very many extensions has', () => {
    const extensions = Array.from({ length: 50_000 }, () => ({ name: 'e' }));
    const results = Array.from({ length: 20_000 }, () => ({ ruleId: 'nowhere' }));
    const began = Date.now();
    expect(findings({ version: '2.1.0', runs: [{ tool: { ...tool, extensions }, results }] })).toHaveLength(20_000);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test('a path that begins with millions of detours', () => {
    expect(one({ locations: at(`${'./'.repeat(6_000_000)}a.js`) })?.path).toBe('a.js');
  });
});
