import { EXIT_GATES, nextGate, rowOfTask } from '../../../src/domain/gates/exit-gates';
import type { GateResult } from '../../../src/domain/gates/gate';
import { STAGE_TRANSITIONS, type GateName, type Stage } from '../../../src/domain/task/pipeline';
import type { MergeEvidence, SubmittedTask, Verdict } from '../../../src/domain/task/task.state';
import { given, happened, START } from '../../support/given-when-then';
import { agents, POLICY } from '../../support/policies';
import {
  agentDone,
  ARTIFACT,
  BASE,
  CANDIDATE,
  claim,
  HEAD,
  landed,
  landing,
  MERGED_TREE,
  NEW_HEAD,
  policy,
  readyToLand,
  rebasedOnto,
  retested,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../support/task-stories';

const staged = given(stagedGreen).task;
const verdict = staged.verdicts['deploy-staging'] as Verdict;
const merged: MergeEvidence = {
  headOid: HEAD,
  baseOid: BASE,
  rebase: 'clean',
  newOid: CANDIDATE,
  treeOid: MERGED_TREE,
  conflictPaths: [],
  retest: 'green',
  proof: null,
};

function ask(gate: GateName, task: SubmittedTask): GateResult {
  return EXIT_GATES[gate].evaluate(task, POLICY);
}

function withVerdict(part: Partial<Verdict> | null, stage: Verdict['stage'] = 'deploy-staging'): SubmittedTask {
  return { ...staged, stage, verdicts: part === null ? {} : { [stage]: { ...verdict, stage, ...part } } };
}

function withMerge(part: Partial<MergeEvidence> | null, rest: Partial<SubmittedTask> = {}): SubmittedTask {
  return { ...staged, merge: part && { ...merged, ...part }, ...rest };
}

const VERDICT_GATES = [
  ['check_analysis_ready', 'analysis'],
  ['check_architecture_ready', 'architecture'],
  ['check_review_approved', 'review'],
  ['check_tests_passed', 'testing'],
  ['check_staging_status', 'deploy-staging'],
] as const;

describe('a gate that reads a verdict', () => {
  test.each(VERDICT_GATES)('%s passes a passing verdict of its own stage, and names it', (gate, stage) => {
    expect(ask(gate, withVerdict({ passed: true }, stage))).toMatchObject({
      kind: 'pass',
      evidence: { verdict: verdict.revision, runId: verdict.runId },
    });
  });

  test.each(VERDICT_GATES)('%s fails a verdict that does not pass', (gate, stage) => {
    expect(ask(gate, withVerdict({ passed: false, status: 'NO' }, stage))).toMatchObject({ kind: 'fail' });
  });

  test.each(VERDICT_GATES)(
    '%s waits without a verdict, and never passes on the verdict of another stage',
    (gate, stage) => {
      expect(ask(gate, withVerdict(null, stage)).kind).toBe('not-ready');
      const others = VERDICT_GATES.filter(([, other]) => other !== stage).map(([, other]) => [
        other,
        { ...verdict, stage: other },
      ]);
      expect(
        ask(gate, { ...staged, stage, verdicts: Object.fromEntries(others) as SubmittedTask['verdicts'] }).kind,
      ).toBe('not-ready');
    },
  );

  test.each(VERDICT_GATES)(
    '%s holds a verdict that says nothing about the change, though it were a pass',
    (gate, stage) => {
      for (const passed of [true, false]) {
        expect(ask(gate, withVerdict({ passed, cause: 'infra-exhausted' }, stage))).toMatchObject({
          kind: 'hold',
          reason: 'infra-exhausted',
        });
      }
    },
  );

  test.each(VERDICT_GATES.slice(2))('%s waits while the verdict is about another head', (gate, stage) => {
    for (const subjectOid of [NEW_HEAD, null]) {
      expect(ask(gate, withVerdict({ subjectOid }, stage)).kind).toBe('not-ready');
    }
  });

  test.each(VERDICT_GATES.slice(0, 2))('%s holds for the branch, whatever its head', (gate, stage) => {
    expect(ask(gate, withVerdict({ subjectOid: NEW_HEAD }, stage)).kind).toBe('pass');
  });

  test('check_staging_status is the same for the runner and an agent: it believes the event, not who wrote it', () => {
    for (const source of ['runner', 'agent'] as const) {
      expect(ask('check_staging_status', withVerdict({ source, artifact: null }))).toMatchObject({
        kind: 'pass',
        evidence: { source, artifactDigest: null },
      });
    }
    expect(ask('check_staging_status', staged)).toMatchObject({ evidence: { artifactDigest: ARTIFACT.digest } });
  });
});

describe('check_branch_mergeable', () => {
  test.each<[string, Partial<MergeEvidence> | null, string]>([
    ['a clean rebase and a green re-test', {}, 'pass'],
    ['a clean rebase and a proof', { retest: 'skipped' }, 'pass'],
    ['no rebase', null, 'not-ready'],
    ['a rebase of another head', { headOid: NEW_HEAD }, 'not-ready'],
    ['a rebase that was not tested', { retest: null }, 'not-ready'],
    ['a red re-test', { retest: 'red' }, 'fail'],
    ['a conflict', { rebase: 'conflict', retest: null }, 'fail'],
    ['a conflict, whatever a test says', { rebase: 'conflict', retest: 'green' }, 'fail'],
    ['both colours on one tree', { retest: 'inconclusive' }, 'hold'],
  ])('%s', (_name, merge, kind) => {
    expect(ask('check_branch_mergeable', withMerge(merge)).kind).toBe(kind);
  });

  test('holds when infrastructure gave up, whatever was found out before', () => {
    expect(ask('check_branch_mergeable', withMerge({}, { exhausted: { kind: 'merge-gate' } }))).toMatchObject({
      kind: 'hold',
      reason: 'infra-exhausted',
    });
    expect(ask('check_branch_mergeable', withMerge({}, { exhausted: { kind: 'landing' } })).kind).toBe('pass');
  });

  test('names what it let through', () => {
    expect(ask('check_branch_mergeable', withMerge({}))).toEqual({
      kind: 'pass',
      evidence: { headOid: HEAD, baseOid: BASE, newOid: CANDIDATE, treeOid: MERGED_TREE },
    });
  });
});

describe('the other gates', () => {
  test('check_ci_green waits for a commit that development did not start from', () => {
    for (const headOid of [null, HEAD]) {
      expect(ask('check_ci_green', { ...staged, headOid, developedFrom: HEAD }).kind).toBe('not-ready');
    }
    expect(ask('check_ci_green', { ...staged, developedFrom: HEAD, headOid: NEW_HEAD }).kind).toBe('not-configured');
  });

  test('check_deploy_status waits for the landing', () => {
    expect(ask('check_deploy_status', given(readyToLand).task).kind).toBe('not-ready');
    expect(ask('check_deploy_status', given(landing, landed()).task).kind).toBe('not-configured');
  });

  test.each([
    'check_tests_not_weakened',
    'check_security',
    'check_coverage',
    'check_image_fresh',
    'check_monitor_healthy',
  ] as const)('%s is not configured, and says so instead of passing', (gate) => {
    expect(ask(gate, staged)).toEqual({ kind: 'not-configured' });
  });

  test('intake refuses a branch that is no plain name', () => {
    expect(ask('intake', staged)).toMatchObject({ kind: 'pass' });
    expect(ask('intake', { ...staged, branch: '--upload-pack=x' })).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('branch: expected a plain name') as string,
    });
  });
});

describe('gates are asked', () => {
  test('in the order of the table, each once', () => {
    for (const row of STAGE_TRANSITIONS) {
      const asked: GateName[] = [];
      for (;;) {
        const gate = nextGate({ ...staged, stage: row.stage, gatesPassed: asked }, POLICY, START);
        if (!gate) break;
        asked.push(gate.name);
      }
      expect(asked).toEqual(row.gates);
    }
  });

  test('never at the end', () => {
    for (const stage of ['done', 'cancelled', 'rejected'] satisfies Stage[]) {
      expect(nextGate({ ...staged, stage }, POLICY, START)).toBeNull();
      expect(rowOfTask({ ...staged, stage })).toBeNull();
    }
  });

  test('one after the other on the way from the branch to the end, every answer an event', () => {
    const roles = ['analyst', 'architect', 'developer', 'reviewer', 'tester'] as const;
    const { log } = given(
      policy(agents(...roles)),
      submit({ headOid: null }),
      [claim('analyst'), agentDone('analyst', 'READY'), claim('architect'), agentDone('architect', 'READY')],
      [claim('developer'), agentDone('developer', null, HEAD)],
      [claim('reviewer'), agentDone('reviewer', 'APPROVED'), claim('tester'), agentDone('tester', 'PASSED')],
      [claim('staging-suite'), suiteRan(), claim('merge-gate'), rebasedOnto(), retested(), claim('landing'), landed()],
    ).world;
    const answers = log.flatMap((event) =>
      event.type === 'GateEvaluated' ? [`${event.data.gate} ${event.data.result}`] : [],
    );
    expect(answers).toEqual([
      'intake pass',
      'check_analysis_ready pass',
      'check_architecture_ready pass',
      'check_ci_green not-configured',
      'check_review_approved pass',
      'check_tests_passed pass',
      'check_staging_status pass',
      'check_branch_mergeable pass',
      'check_no_silent_revert not-configured',
      'check_tests_not_weakened not-configured',
      'check_security not-configured',
      'check_coverage not-configured',
      'check_image_fresh not-configured',
      'check_deploy_status not-configured',
      'check_monitor_healthy not-configured',
    ]);
  });

  test.each(['check_tests_not_weakened', 'check_security', 'check_coverage', 'check_image_fresh'] as const)(
    'a required one that is not configured holds the task before the next is asked: %s',
    (gate) => {
      const { log } = given(policy({ requiredGates: [gate] }), readyToHold).world;
      const asked = log.flatMap((event) => (event.type === 'GateEvaluated' ? [event.data.gate] : []));
      expect(asked.at(-1)).toBe(gate);
      expect(log.at(-2)).toMatchObject(happened('TaskHeld', { reason: 'gate' }));
    },
  );

  const SECOND: readonly GateName[] = [
    'intake',
    'check_ci_green',
    'check_security',
    'check_coverage',
    'check_deploy_status',
    'check_monitor_healthy',
  ];

  test('under a rule that has a name and a version', () => {
    for (const gate of Object.values(EXIT_GATES)) expect(gate.version).toBe(SECOND.includes(gate.name) ? 2 : 1);
    given(submittedForStaging, claim('staging-suite'))
      .when(suiteRan())
      .then(
        'StagingSuiteExecuted',
        'VerdictRecorded',
        happened('GateEvaluated', { rule: 'check_staging_status', ruleVersion: 1 }),
      );
  });
});

const readyToHold = [stagedGreen, claim('merge-gate'), rebasedOnto(), retested()];
