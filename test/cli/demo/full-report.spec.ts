import { announced, goesAsAnnounced, reportFull, type FullSummary } from '../../../src/cli/demo/full/full-report';
import type { FullStep } from '../../../src/cli/demo/full/full-steps';
import { AGENT_SCRIPT, BRANCH, DESCRIPTION, PROOF, RUNS, type FullRun } from '../../../src/cli/demo/full/full-stories';
import { AGENT_ROLES, GATES, STAGE_TRANSITIONS, type WorkStage } from '../../../src/domain/task/pipeline';
import type { Text } from '../../../src/cli/styled';

test('the script of the demo has no name of the pipeline in it, and nothing of its task', () => {
  const artifacts = STAGE_TRANSITIONS.flatMap(({ artifact }) => (artifact ? [artifact] : []));
  const names = artifacts.flatMap(({ file, verdictKey, passes, fails }) => [file, verdictKey, passes, fails ?? passes]);
  const task = [BRANCH, ...RUNS.map(({ project }) => project), ...(DESCRIPTION.match(/[\w/.]+\.txt|\d\d+/g) ?? [])];
  expect(task).toContain('prices/plums.txt');
  const words = [...names, ...AGENT_ROLES, ...GATES, ...task];
  expect(words.filter((word) => AGENT_SCRIPT.includes(word))).toEqual([]);
  // What main has in the end is in none of them: that comes from the output of a suite.
  const [, repaired = ''] = /"(.*)"/.exec(PROOF) ?? [];
  expect(repaired).not.toBe('');
  expect(`${AGENT_SCRIPT}${DESCRIPTION}`).not.toContain(repaired);
});

const asAnnounced = (run: FullRun): readonly FullStep[] =>
  announced(run).map(([stage, producer, verdict]) => ({
    stage: stage as WorkStage,
    producer,
    verdict: typeof verdict === 'string' ? verdict : '01234567',
    durationMs: 1_234,
    shadow:
      run.isShadowed && /^(?:tester|deployer)$/.test(producer) ? { verdict: String(verdict), durationMs: 567 } : null,
    usage: producer === 'analyst' ? { inputTokens: 1, outputTokens: 2, costUsd: 0.0125 } : null,
  }));

describe.each(RUNS.map((run) => [run.project, run] as const))('%s', (_, run) => {
  const steps = asAnnounced(run);

  test('goes as announced', () => {
    expect(goesAsAnnounced(run, steps)).toBe(true);
  });

  test.each(steps.map((step, index) => [`${step.stage} ${step.producer} ${step.verdict}`, index] as const))(
    'does not when this is missing, is by somebody else or says something else: %s',
    (_name, index) => {
      const but = (change: Partial<FullStep>) =>
        steps.map((step, at) => (at === index ? { ...step, ...change } : step));
      expect(
        goesAsAnnounced(
          run,
          steps.filter((_step, at) => at !== index),
        ),
      ).toBe(false);
      expect(goesAsAnnounced(run, but({ producer: 'somebody' }))).toBe(false);
      expect(goesAsAnnounced(run, but({ verdict: 'other' }))).toBe(false);
    },
  );
});

test('a suite that disagrees with the agent, or that says nothing in the last round, is not as announced', () => {
  const run = RUNS.find(({ isShadowed }) => isShadowed);
  if (!run) throw new Error('no run with shadow');
  const steps = asAnnounced(run);
  const with_ = (index: number, shadow: FullStep['shadow']) =>
    steps.map((step, at) => (at === index ? { ...step, shadow } : step));
  const [first, last] = [steps.findIndex(({ shadow }) => shadow), steps.findLastIndex(({ shadow }) => shadow)];
  expect(goesAsAnnounced(run, with_(first, null))).toBe(true);
  expect(goesAsAnnounced(run, with_(last, null))).toBe(false);
  expect(goesAsAnnounced(run, with_(first, { verdict: 'FAILED', durationMs: 1 }))).toBe(false);
  expect(goesAsAnnounced(run, with_(last, { verdict: 'not executed', durationMs: 1 }))).toBe(false);
});

function printed(summary: FullSummary): { readonly code: number; readonly text: string } {
  const lines: string[] = [];
  const plain = (text: Text) => (typeof text === 'string' ? text : text.text);
  const code = reportFull(summary, {
    isJson: false,
    status: null,
    line: (...texts) => lines.push(texts.map(plain).join('')),
    table: (header, rows) => lines.push(...[header, ...rows].map((cells) => cells.join(' | '))),
    json: () => undefined,
    note: () => undefined,
    warn: () => undefined,
  });
  return { code, text: lines.join('\n') };
}

test('every run has a table, and one that does not go as announced is told and costs the exit code', () => {
  const runs = RUNS.map((run) => {
    const { project, title } = run;
    return {
      project,
      title,
      task: `${project}.${BRANCH}`,
      stage: 'done',
      isAsAnnounced: true,
      steps: asAnnounced(run),
    };
  });
  const good = printed({ runs, durationMs: 10 });
  expect(good.code).toBe(0);
  expect(good.text).toContain(PROOF);
  expect(good.text.match(/^stage \| producer \| verdict \| time \| cost/gm)).toHaveLength(RUNS.length);
  expect(good.text).toContain('analysis | analyst | READY | 1.23 s | $0.0125');
  expect(good.text).toMatch(/^deploy-staging \| deployer \| SUCCESS \| 1\.23 s \| -$/m);
  expect(good.text).toContain('deploy-staging | deployer | SUCCESS | 1.23 s | - | SUCCESS | 0.57 s');
  expect(good.text.match(/^agreement: .*$/gm)).toEqual(['agreement: 4 of 4 verdicts that were compared']);
  expect(good.text).toMatch(/^Time is .* Cost is what the script says of itself: figures made up/m);
  const bad = printed({ runs: runs.map((run, index) => ({ ...run, isAsAnnounced: index > 0 })), durationMs: 10 });
  expect(bad.code).toBe(1);
  expect(bad.text).toContain(
    'shop.plums  everything on: the service runs the tests and the staging suite; done, not as announced',
  );
  expect(bad.text).not.toContain(PROOF);
});
