import type { FullSummary } from '../../src/cli/demo/full/full-report';
import { lastJson, runCli, type CliResult } from '../support/cli';

jest.setTimeout(300_000);

const A_COMMIT = /^[0-9a-f]{8}$/;

const eventsIn = ({ stdout }: CliResult) =>
  stdout
    .trim()
    .split('\n')
    .map(
      (line) => (JSON.parse(line) as { event?: { task: string; type: string; data: Record<string, unknown> } }).event,
    )
    .filter((event) => event !== undefined);

function told(steps: FullSummary['runs'][number]['steps']): readonly string[] {
  return steps.map(({ stage, producer, verdict }) => `${stage} ${producer} ${verdict.replace(A_COMMIT, 'COMMIT')}`);
}

const round = (tests: string, staging: string, retest: string) => [
  'development developer COMMIT',
  'review reviewer APPROVED',
  `testing ${tests} PASSED`,
  `deploy-staging ${staging} SUCCESS`,
  `deploy-staging merge-gate ${retest}`,
];
const way = (tests: string, staging: string) => [
  'analysis analyst READY',
  'architecture architect READY',
  ...round(tests, staging, 'red'),
  ...round(tests, staging, 'green'),
  'deploy-staging revert-check pass',
  'deploy deploy-finalizer COMMIT',
];

test('demo --full: a script that knows its briefs alone carries a task to main, whoever gives the verdicts', async () => {
  const result = await runCli(['demo', '--full', '--once', '--json'], { STAGEGATE_TEST_RUNNER_ENABLED: 'false' });
  const { runs } = (lastJson(result) as { summary: FullSummary }).summary;
  // Which way it took says more than that it was another one.
  const strange = runs.filter(({ isAsAnnounced }) => !isAsAnnounced);
  expect([result.stderr, result.code, strange]).toEqual(['', 0, []]);
  expect(runs.map(({ task, stage, isAsAnnounced }) => [task, stage, isAsAnnounced])).toEqual([
    ['shop.plums', 'done', true],
    ['shop-deployer.plums', 'done', true],
    ['shop-shadow.plums', 'done', true],
  ]);
  const [all, deployer, shadowed] = runs.map(({ steps }) => told(steps));
  expect(all).toEqual(way('test-runner', 'staging-runner'));
  expect(deployer).toEqual(way('test-runner', 'deployer'));
  expect(shadowed).toEqual(way('tester', 'deployer'));
  const beside = runs.map(({ steps }) =>
    steps.flatMap(({ verdict, shadow }) => (shadow ? [[verdict, shadow.verdict]] : [])),
  );
  expect(beside.slice(0, 2)).toEqual([[], []]);
  // Those of the first round may have been cut short by the new commit.
  expect(beside[2]?.slice(-2)).toEqual([
    ['PASSED', 'PASSED'],
    ['SUCCESS', 'SUCCESS'],
  ]);
  for (const { producer, durationMs, usage } of runs.flatMap(({ steps }) => steps)) {
    const isAgent = /^(?:analyst|architect|developer|reviewer|tester|deployer)$/.test(producer);
    expect([producer, usage !== null]).toEqual([producer, isAgent]);
    if (isAgent) expect([usage?.model, (usage?.costUsd ?? 0) > 0]).toEqual(['script', true]);
    expect(durationMs === null).toBe(producer === 'deploy-finalizer' || producer === 'revert-check');
  }
  for (const { task } of runs) {
    const back = eventsIn(result).filter((event) => event.task === task && event.type === 'StageRolledBack');
    expect(back.map(({ data }) => [data['from'], data['reason']])).toEqual([['deploy-staging', 'red']]);
  }
});

test.each([
  ['full', 'too many arguments'],
  ['--full=yes', "unknown option '--full=yes'"],
  ['--whole', "unknown option '--whole'"],
])('demo %s is refused in a line', async (argument, says) => {
  const { code, stdout, stderr } = await runCli(['demo', '--full', argument]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(says);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
});
