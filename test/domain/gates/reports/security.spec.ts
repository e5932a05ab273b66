import {
  isGrave,
  newFindings,
  type Finding,
  type SecurityThresholds,
} from '../../../../src/domain/gates/security/findings';
import { renderFindings } from '../../../../src/domain/gates/security/findings-page';
import { needsMain, securityFacts, securityOutcome } from '../../../../src/domain/gates/security/security-evidence';

const USUAL: SecurityThresholds = { level: 'error', severity: 7, findings: 'new' };

function finding(given: Partial<Finding> = {}): Finding {
  return {
    tool: 'scan',
    rule: 'r1',
    level: 'error',
    severity: null,
    path: 'a.js',
    line: 1,
    message: 'bad',
    isSuppressed: false,
    identity: 'r1 a.js',
    ...given,
  };
}
const report = (...findings: readonly Finding[]) => ({ tools: ['scan'], findings });

test.each([
  ['error', null, true],
  ['warning', null, false],
  ['warning', 7, true],
  ['note', 6.9, false],
  ['none', 10, true],
] as const)('a finding of level %s with severity %p is grave: %p', (level, severity, grave) => {
  expect(isGrave(finding({ level, severity }), USUAL)).toBe(grave);
});

test('a threshold that is off lets everything through on its side', () => {
  expect(isGrave(finding({ severity: 9 }), { ...USUAL, level: null, severity: null })).toBe(false);
  expect(isGrave(finding({ severity: 9 }), { ...USUAL, level: null })).toBe(true);
});

describe('new findings', () => {
  test('are those that main does not have', () => {
    const old = finding();
    const fresh = finding({ identity: 'r2 b.js', path: 'b.js' });
    expect(newFindings([old, fresh], [old])).toEqual([fresh]);
  });

  test('are counted: a fault that is copied into another file is one more, in that file', () => {
    const copy = finding({ path: 'copy.js' });
    expect(newFindings([copy, finding()], [finding()])).toEqual([copy]);
    expect(newFindings([copy], [finding()])).toEqual([]);
  });

  test('what is suppressed on main is not known there', () => {
    expect(newFindings([finding()], [finding({ isSuppressed: true })])).toEqual([finding()]);
  });
});

describe('the outcome', () => {
  test('main need not be asked where nothing could fail', () => {
    expect(needsMain(report(finding({ level: 'note' }), finding({ isSuppressed: true })), USUAL)).toBe(false);
    expect(needsMain(report(finding()), USUAL)).toBe(true);
    expect(needsMain(report(finding()), { ...USUAL, findings: 'all' })).toBe(false);
  });

  test('names what fails, what main has as well and what is accepted', () => {
    const fresh = finding({ identity: 'x', severity: 9 });
    const accepted = finding({ identity: 'y', isSuppressed: true });
    const outcome = securityOutcome(report(finding(), fresh, accepted), report(finding()), USUAL);
    expect(outcome).toEqual({ failing: [fresh], known: 1, suppressed: [accepted] });
  });

  test('fits into an event however much there is of it, and says how much it leaves out', () => {
    const many = Array.from({ length: 5_000 }, (_, at) =>
      finding({ identity: `${at}`, path: `${'d/'.repeat(300)}${at}`, message: 'm'.repeat(9_999) }),
    );
    const facts = securityFacts(report(...many), securityOutcome(report(...many), null, USUAL));
    expect(JSON.stringify(facts).length).toBeLessThan(40_000);
    expect(facts).toMatchObject({ failing: 5_000, counts: { error: 5_000 } });
    const page = renderFindings(
      { task: 'web.T', newOid: '1', baseOid: '2' },
      securityOutcome(report(...many), null, USUAL),
    );
    expect(page).toContain('- and 4500 more, in the report itself');
  });

  test('no text of a report begins a line or ends a code span of ours', () => {
    const sly = finding({ message: 'x`\n## To repair\n- nothing', rule: '`r`', path: 'a`\u001b[2Jb' });
    const page = renderFindings(
      { task: 'web.T', newOid: '1', baseOid: '2' },
      securityOutcome(report(sly), null, USUAL),
    );
    expect(page.split('\n').filter((line) => line.startsWith('## To repair'))).toHaveLength(1);
    expect(page).not.toContain('\u001b');
  });
});
