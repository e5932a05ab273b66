import type { GatesSummary } from '../../src/cli/demo/gates/gates-report';
import { GATES, type GateName } from '../../src/domain/task/pipeline';
import { lastJson, runCli } from '../support/cli';

jest.setTimeout(300_000);

/** These ask nothing about the change. */
const OF_NO_CHANGE: readonly GateName[] = ['intake', 'check_analysis_ready', 'check_architecture_ready'];
const BY_PEOPLE: readonly GateName[] = ['check_tests_not_weakened', 'check_deploy_status', 'check_monitor_healthy'];

test('demo --gates: each gate refuses one task with its evidence, and each task is repaired and done', async () => {
  const result = await runCli(['demo', '--gates', '--once', '--json'], { STAGEGATE_DEPLOY_FINALIZER_ENABLED: 'false' });
  expect([result.stderr, result.code]).toEqual(['', 0]);
  const { tasks } = (lastJson(result) as { summary: GatesSummary }).summary;
  const gates = GATES.filter((gate) => !OF_NO_CHANGE.includes(gate));
  expect(tasks.map(({ announced }) => announced)).toEqual(gates);
  for (const { announced, refusals, repairedBy, stage } of tasks) {
    expect(refusals.map(({ gate, reason }) => [gate, typeof reason])).toEqual([[announced, 'string']]);
    expect(Object.keys(refusals[0]?.evidence ?? {})).not.toEqual([]);
    const isForPeople = BY_PEOPLE.some((gate) => gate === announced);
    expect([announced, stage, repairedBy]).toEqual([announced, 'done', isForPeople ? 'a person' : 'the developer']);
    expect([announced, refusals[0]?.result]).toEqual([announced, expect.stringMatching(/^(fail|hold)$/)]);
  }
});

test('demo shows one thing at a time', async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--gates', '--full']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain("option '--gates' cannot be used with option '--full'");
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
});
