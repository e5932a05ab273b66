import { forEvery } from '../for-every';
import type { ProjectPolicy } from '../policy/project-policy';
import { commandMs, GIT_STEP_MS, judgedMs, pollMs, REGISTRY_MS, reportMs, RUNNER_SETTLE_MS } from './job-limits';
import type { JobKind, JobRow, QueueBlock, ReportKind } from './job-row';

/** What most jobs are. A row tells in what it differs. */
const USUAL = {
  verdict: null,
  report: null,
  lane: 'none',
  confirmsRed: () => false,
  isAbortable: true,
  onFault: 'fails',
  retrySwitch: null,
  exhaustedBy: 'hold',
} as const satisfies Partial<JobRow>;

/** Every kind of work that needs a claim because it does I/O. Whoever wants to know something about jobs reads it here. */
export const JOBS: Readonly<Record<JobKind, JobRow>> = {
  'staging-suite': {
    ...USUAL,
    gate: 'check_staging_status',
    verdict: {
      stage: 'deploy-staging',
      switchedBy: 'stagingRunner',
      suite: ({ staging }) => staging,
      executed: 'StagingSuiteExecuted',
      heading: 'Staging run',
    },
    confirmsRed: ({ staging }) => staging.confirmRed === true,
    durationMs: ({ staging }) => GIT_STEP_MS + judgedMs(staging),
    exhaustedBy: 'verdict',
    shown: { block: 'staging_runner', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Staging suites that run at once.' },
    red: 'the suite was red',
    does: 'runs the staging suite',
  },
  'testing-suite': {
    ...USUAL,
    gate: 'check_tests_passed',
    verdict: {
      stage: 'testing',
      switchedBy: 'testRunner',
      suite: ({ testing }) => testing ?? null,
      executed: 'TestSuiteExecuted',
      heading: 'Test run',
    },
    confirmsRed: ({ testing }) => testing?.confirmRed === true,
    durationMs: ({ testing }) => GIT_STEP_MS + (testing ? judgedMs(testing) : GIT_STEP_MS),
    exhaustedBy: 'verdict',
    shown: { block: 'test_runner', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Suites of stage testing that run at once.' },
    red: 'the suite was red',
    does: 'runs the tests',
  },
  'merge-gate': {
    ...USUAL,
    gate: 'check_branch_mergeable',
    lane: 'held',
    confirmsRed: () => true,
    durationMs: ({ retest }) => 2 * GIT_STEP_MS + judgedMs({ ...retest, confirmRed: true }),
    retrySwitch: 'mergeInfraRetry',
    exhaustedBy: 'gate',
    shown: { block: 'merge_gate', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Merge gates that run at once; within one project it is one anyway.' },
    red: 'the re-test after the rebase was red',
    does: 'rebases and re-tests the branch',
  },
  'revert-check': {
    ...USUAL,
    gate: 'check_no_silent_revert',
    report: 'reverts',
    // What it judges is the candidate, which it stays only while nobody else lands.
    lane: 'held',
    durationMs: () => 2 * GIT_STEP_MS,
    exhaustedBy: 'gate',
    shown: { block: 'revert_gate', as: 'running', isCounted: true },
    slots: { fallback: 8, description: 'Looks for silent reverts that run at once.' },
    red: 'the change takes back what has landed, without a word',
    does: 'looks for what the change takes back',
  },
  'judge-run': reportJob('judge', {
    gate: 'check_tests_not_weakened',
    block: 'judge_gate',
    slots: "Runs of main's tests on candidates at once.",
    red: "main's tests are red on the change",
    does: 'looks whether the change weakens its tests',
  }),
  'security-scan': reportJob('security', {
    gate: 'check_security',
    block: 'security_gate',
    slots: 'Security scans that run at once.',
    red: 'the scan found what the change must not bring in',
    does: 'scans the change for security findings',
  }),
  'coverage-run': reportJob('coverage', {
    gate: 'check_coverage',
    block: 'coverage_gate',
    slots: 'Commands that measure coverage at once.',
    red: 'too little of the code is covered by tests',
    does: 'measures the coverage of the change',
  }),
  'image-check': reportJob('image', {
    gate: 'check_image_fresh',
    block: 'image_gate',
    slots: 'Looks at images that run at once.',
    red: 'the image is not the one that this commit makes',
    does: 'looks at the image that would be deployed',
    besidesMs: ({ image }) => (image?.source.kind === 'registry' ? REGISTRY_MS : 0),
  }),
  landing: {
    ...USUAL,
    gate: null,
    lane: 'held',
    durationMs: () => 2 * GIT_STEP_MS,
    isAbortable: false,
    onFault: 'given-back',
    shown: { block: 'merge_gate', as: 'landing', isCounted: false },
    slots: { fallback: 8, description: 'Landings under way at once.' },
    red: 'it did not take place',
    does: 'lands the branch',
  },
  'landing-recovery': {
    ...USUAL,
    gate: null,
    lane: 'fresh',
    durationMs: () => 2 * GIT_STEP_MS,
    isAbortable: false,
    shown: { block: 'merge_gate', as: 'landing', isCounted: false },
    slots: { fallback: 8, description: 'Interrupted landings looked into at once.' },
    red: 'it did not take place',
    does: 'finds out whether the interrupted landing took place',
  },
  deploy: {
    ...USUAL,
    gate: 'check_deploy_status',
    // From its landing on, so that a project is deployed in the order of its landings.
    lane: 'held',
    durationMs: ({ deploy }) => 3 * GIT_STEP_MS + (deploy ? commandMs(deploy) : 0),
    isAbortable: false,
    switchedBy: 'deployFinalizer',
    shown: { block: 'deploy_finalizer', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Deploys that run at once; within one project it is one anyway.' },
    red: 'the deploy command failed',
    does: 'deploys what has landed',
  },
  'monitor-poll': {
    ...USUAL,
    gate: 'check_monitor_healthy',
    durationMs: ({ monitor }) => (monitor ? pollMs(monitor) : 0),
    switchedBy: 'postDeployMonitor',
    shown: { block: 'post_deploy_monitor', as: 'running', isCounted: true },
    slots: { fallback: 4, description: 'Polls of deployed changes that run at once.' },
    red: 'what was deployed is not healthy',
    does: 'asks whether what was deployed is healthy',
  },
  agent: {
    ...USUAL,
    gate: null,
    durationMs: ({ agents }, role) => {
      const agent = role === null ? undefined : agents[role];
      return 2 * GIT_STEP_MS + (agent ? agent.timeoutMs + agent.graceMs + RUNNER_SETTLE_MS : 0);
    },
    shown: { block: 'agents', as: 'running', isCounted: true },
    slots: { fallback: 4, description: 'Agents that run at once.' },
    red: 'the suite was red',
    does: 'starts the %',
  },
};

/** In the order of the table. */
export const JOB_KINDS = Object.keys(JOBS) as readonly JobKind[];

/** One value for each kind, in the order of the table. */
export function forEveryJob<T>(value: (kind: JobKind) => T): Readonly<Record<JobKind, T>> {
  return forEvery(JOB_KINDS, value);
}

/**
 * A job behind the merge gate that runs a command of the operator: on the candidate, and, where it has to, on main. Or that looks at a
 * registry.
 */
function reportJob(
  report: ReportKind,
  row: Pick<JobRow, 'gate' | 'red' | 'does'> & {
    readonly block: QueueBlock;
    readonly slots: string;
    /** What it does beside running the command. */
    readonly besidesMs?: (policy: ProjectPolicy) => number;
  },
): JobRow {
  const { gate, red, does, block, slots: description, besidesMs = () => 0 } = row;
  return {
    ...USUAL,
    gate,
    report,
    // What it judges is the candidate, which it stays only while nobody else lands.
    lane: 'held',
    durationMs: (policy) => 4 * GIT_STEP_MS + reportMs(policy[report]) + besidesMs(policy),
    exhaustedBy: 'gate',
    shown: { block, as: 'running', isCounted: true },
    slots: { fallback: 2, description },
    red,
    does,
  };
}
