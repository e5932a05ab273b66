import { reportGates, summarizeGates } from '../../../src/cli/demo/gates/gates-report';
import { TALES } from '../../../src/cli/demo/gates/gate-tales';
import { TOOLS } from '../../../src/cli/demo/gates/gate-tools';
import type { SubmittedTask } from '../../../src/domain/task/task.state';
import type { StoredEvent } from '../../../src/application/ports/event-store';
import { meta as META } from '../../fixtures/events/GateEvaluated.v1.json';

type Told = readonly (readonly [string, object])[];

const BACK: Told[number] = ['StageRolledBack', { from: 'review', to: 'development', reason: 'red', spends: null }];
const ASKED: Told[number] = ['VerdictVoided', { stage: 'deploy', by: 'local', reason: 'mended', spends: null }];
const refusedBy = (gate: string, result = 'fail'): Told[number] => [
  'GateEvaluated',
  { gate, rule: gate, ruleVersion: 1, result, reason: 'no', evidence: {} },
];

function outcomeOf(branch: string, stage: string, told: Told) {
  const task = { id: `shop.${branch}`, stage } as unknown as SubmittedTask;
  const events = told.map(([type, data], index) => {
    return { stream: `task-shop.${branch}`, type, data, meta: META, revision: BigInt(index + 1) };
  });
  const { tasks } = summarizeGates([task], events as unknown as readonly StoredEvent[], 1);
  return tasks.find(({ task: id }) => id === task.id);
}

test('a task goes as announced that its gate alone has refused, once, and that whoever has to has repaired', () => {
  expect(outcomeOf('figs', 'done', [refusedBy('check_security'), BACK])).toMatchObject({
    isAsAnnounced: true,
    repairedBy: 'the developer',
    refusals: [{ gate: 'check_security', rule: 'check_security@1' }],
  });
  expect(outcomeOf('limes', 'done', [refusedBy('check_deploy_status', 'hold'), ASKED])).toMatchObject({
    isAsAnnounced: true,
    repairedBy: 'a person',
  });
});

test.each([
  ['never refused', 'figs', 'done', []],
  ['refused twice', 'figs', 'done', [refusedBy('check_security'), BACK, refusedBy('check_security'), BACK]],
  ['refused by another gate', 'figs', 'done', [refusedBy('check_coverage'), BACK]],
  ['refused, and not done', 'figs', 'development', [refusedBy('check_security'), BACK]],
  ['repaired by a person instead', 'figs', 'done', [refusedBy('check_security'), ASKED]],
  ['let through by nobody', 'limes', 'done', [refusedBy('check_deploy_status')]],
] as const)('one that is %s does not', (_what, branch, stage, told) => {
  expect(outcomeOf(branch, stage, told)?.isAsAnnounced).toBe(false);
});

test('ends with 0 only if all of them go as announced', () => {
  const output = { isJson: true, json: () => undefined } as never;
  const good = outcomeOf('figs', 'done', [refusedBy('check_security'), BACK]);
  const bad = outcomeOf('figs', 'done', []);
  if (!good || !bad) throw new Error('no such task');
  expect([
    reportGates({ tasks: [good], durationMs: 1 }, output),
    reportGates({ tasks: [good, bad], durationMs: 1 }, output),
  ]).toEqual([0, 1]);
});

test('the developer of the demo has no tale in its script, and every change that comes back is asked what it knows', () => {
  const script = TOOLS['developer.sh'] ?? '';
  for (const { branch, knows, repair } of TALES) {
    expect([branch, script.includes(branch), repair !== null]).toEqual([branch, false, knows !== '']);
    if (knows !== '') expect(script).not.toContain(knows);
  }
});
