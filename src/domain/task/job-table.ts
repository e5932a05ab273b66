import { forEvery } from '../for-every';
import type {
  DeployPolicy,
  MeasuringPolicy,
  MonitorPolicy,
  ProjectPolicy,
  SuitePolicy,
} from '../policy/project-policy';
import type { SwitchName } from '../policy/switches';
import type { AgentRole, GateName, WorkStage } from './pipeline';

/** Own limit of each git step (fetch, clone, rebase, landing): the git adapter ends a command that takes longer. */
export const GIT_STEP_MS = 120_000;
/** What the process runner may need beyond timeout and grace to end and account for a run. */
export const RUNNER_SETTLE_MS = 3_000;
/** Own limit of a look at a registry: the adapter gives up on one that takes longer. */
export const REGISTRY_MS = 60_000;

export interface JobRow {
  /** The gate for which it brings evidence: the job is due when its stage has come to that gate. Null: due by other rules. */
  readonly gate: GateName | null;
  /** Of a job that runs a suite whose exit code is its stage's verdict; null for every other. */
  readonly verdict: SuiteVerdict | null;
  /** Of a job whose command leaves a report that its gate judges by: its block of the project file; null for every other. */
  readonly report: ReportKind | null;
  /** What it needs of its project's lane: nothing, to hold it, or a grant newer than that of an interrupted landing. */
  readonly lane: 'none' | 'held' | 'fresh';
  /** Whether a red of its suite runs once more on the same tree before it counts, while that is switched on. */
  readonly confirmsRed: (policy: ProjectPolicy) => boolean;
  /** The sum of its parts, in milliseconds, without the margin of a claim. */
  readonly durationMs: (policy: ProjectPolicy, role: AgentRole | null) => number;
  /** False for what is never cut short, by no limit and no shutdown: nobody could tell how far it got. */
  readonly isAbortable: boolean;
  /** What a fault of ours in the middle of it is: a failure, or nothing known, so that its claim is given back. */
  readonly onFault: 'fails' | 'given-back';
  /** The switch without which its task waits for a person; left out where the stage's verdict has one, or nothing stops it. */
  readonly switchedBy?: SwitchName;
  /** The switch without which an infra failure is not tried again. */
  readonly retrySwitch: SwitchName | null;
  /** Who says that its infra budget is used up: a verdict of its own, its gate, or, where neither can, a hold. */
  readonly exhaustedBy: 'verdict' | 'gate' | 'hold';
  /** Where `/queue` counts its runs, and, if it does, what becomes of them. */
  readonly shown: { readonly block: QueueBlock; readonly as: 'running' | 'landing'; readonly isCounted: boolean };
  /** How many run at once unless the configuration says otherwise, and what that is for its reader. */
  readonly slots: { readonly fallback: number; readonly description: string };
  /** What it is called that it speaks against the change; the end of a sentence. */
  readonly red: string;
  /** What the service does with it; the middle of a sentence. An agent's has its role in the place of `%`. */
  readonly does: string;
}

export type JobKind =
  | 'staging-suite'
  | 'testing-suite'
  | 'merge-gate'
  | 'security-scan'
  | 'coverage-run'
  | 'image-check'
  | 'landing'
  | 'landing-recovery'
  | 'deploy'
  | 'monitor-poll'
  | 'agent';

export type QueueBlock =
  | 'staging_runner'
  | 'test_runner'
  | 'merge_gate'
  | 'security_gate'
  | 'coverage_gate'
  | 'image_gate'
  | 'deploy_finalizer'
  | 'post_deploy_monitor'
  | 'agents';

/** Blocks of the project file with a command that leaves a report. */
export type ReportKind = 'security' | 'coverage' | 'image';

/** How a suite becomes the verdict of a stage. Where there is no suite or its switch is off, the stage's fallback does it. */
export interface SuiteVerdict {
  readonly stage: WorkStage;
  readonly switchedBy: SwitchName;
  readonly suite: (policy: ProjectPolicy) => SuitePolicy | null;
  /** The event that says that it executed. */
  readonly executed: 'StagingSuiteExecuted' | 'TestSuiteExecuted';
  /** The heading of its artifact. */
  readonly heading: string;
}

/** Every kind of work that needs a claim because it does I/O. Whoever wants to know something about jobs reads it here. */
export const JOBS: Readonly<Record<JobKind, JobRow>> = {
  'staging-suite': {
    gate: 'check_staging_status',
    verdict: {
      stage: 'deploy-staging',
      switchedBy: 'stagingRunner',
      suite: ({ staging }) => staging,
      executed: 'StagingSuiteExecuted',
      heading: 'Staging run',
    },
    report: null,
    lane: 'none',
    confirmsRed: ({ staging }) => staging.confirmRed === true,
    durationMs: ({ staging }) => GIT_STEP_MS + judgedMs(staging),
    isAbortable: true,
    onFault: 'fails',
    retrySwitch: null,
    exhaustedBy: 'verdict',
    shown: { block: 'staging_runner', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Staging suites that run at once.' },
    red: 'the suite was red',
    does: 'runs the staging suite',
  },
  'testing-suite': {
    gate: 'check_tests_passed',
    verdict: {
      stage: 'testing',
      switchedBy: 'testRunner',
      suite: ({ testing }) => testing ?? null,
      executed: 'TestSuiteExecuted',
      heading: 'Test run',
    },
    report: null,
    lane: 'none',
    confirmsRed: ({ testing }) => testing?.confirmRed === true,
    durationMs: ({ testing }) => GIT_STEP_MS + (testing ? judgedMs(testing) : GIT_STEP_MS),
    isAbortable: true,
    onFault: 'fails',
    retrySwitch: null,
    exhaustedBy: 'verdict',
    shown: { block: 'test_runner', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Suites of stage testing that run at once.' },
    red: 'the suite was red',
    does: 'runs the tests',
  },
  'merge-gate': {
    gate: 'check_branch_mergeable',
    verdict: null,
    report: null,
    lane: 'held',
    confirmsRed: () => true,
    durationMs: ({ retest }) => 2 * GIT_STEP_MS + judgedMs({ ...retest, confirmRed: true }),
    isAbortable: true,
    onFault: 'fails',
    retrySwitch: 'mergeInfraRetry',
    exhaustedBy: 'gate',
    shown: { block: 'merge_gate', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Merge gates that run at once; within one project it is one anyway.' },
    red: 'the re-test after the rebase was red',
    does: 'rebases and re-tests the branch',
  },
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
    gate: null,
    verdict: null,
    report: null,
    lane: 'held',
    confirmsRed: () => false,
    durationMs: () => 2 * GIT_STEP_MS,
    isAbortable: false,
    onFault: 'given-back',
    retrySwitch: null,
    exhaustedBy: 'hold',
    shown: { block: 'merge_gate', as: 'landing', isCounted: false },
    slots: { fallback: 8, description: 'Landings under way at once.' },
    red: 'it did not take place',
    does: 'lands the branch',
  },
  'landing-recovery': {
    gate: null,
    verdict: null,
    report: null,
    lane: 'fresh',
    confirmsRed: () => false,
    durationMs: () => 2 * GIT_STEP_MS,
    isAbortable: false,
    onFault: 'fails',
    retrySwitch: null,
    exhaustedBy: 'hold',
    shown: { block: 'merge_gate', as: 'landing', isCounted: false },
    slots: { fallback: 8, description: 'Interrupted landings looked into at once.' },
    red: 'it did not take place',
    does: 'finds out whether the interrupted landing took place',
  },
  deploy: {
    gate: 'check_deploy_status',
    verdict: null,
    // From its landing on, so that a project is deployed in the order of its landings.
    lane: 'held',
    durationMs: ({ deploy }) => 3 * GIT_STEP_MS + (deploy ? commandMs(deploy) : 0),
    isAbortable: false,
    onFault: 'fails',
    switchedBy: 'deployFinalizer',
    retrySwitch: null,
    exhaustedBy: 'hold',
    shown: { block: 'deploy_finalizer', as: 'running', isCounted: true },
    slots: { fallback: 2, description: 'Deploys that run at once; within one project it is one anyway.' },
    report: null,
    confirmsRed: () => false,
    red: 'the deploy command failed',
    does: 'deploys what has landed',
  },
  'monitor-poll': {
    gate: 'check_monitor_healthy',
    verdict: null,
    report: null,
    lane: 'none',
    confirmsRed: () => false,
    durationMs: ({ monitor }) => (monitor ? pollMs(monitor) : 0),
    isAbortable: true,
    onFault: 'fails',
    switchedBy: 'postDeployMonitor',
    retrySwitch: null,
    exhaustedBy: 'hold',
    shown: { block: 'post_deploy_monitor', as: 'running', isCounted: true },
    slots: { fallback: 4, description: 'Polls of deployed changes that run at once.' },
    red: 'what was deployed is not healthy',
    does: 'asks whether what was deployed is healthy',
  },
  agent: {
    gate: null,
    verdict: null,
    report: null,
    lane: 'none',
    confirmsRed: () => false,
    durationMs: ({ agents }, role) => {
      const agent = role === null ? undefined : agents[role];
      return 2 * GIT_STEP_MS + (agent ? agent.timeoutMs + agent.graceMs + RUNNER_SETTLE_MS : 0);
    },
    isAbortable: true,
    onFault: 'fails',
    retrySwitch: null,
    exhaustedBy: 'hold',
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
    gate,
    verdict: null,
    report,
    // What it judges is the candidate, which it stays only while nobody else lands.
    lane: 'held',
    confirmsRed: () => false,
    durationMs: (policy) => 4 * GIT_STEP_MS + reportMs(policy[report]) + besidesMs(policy),
    isAbortable: true,
    onFault: 'fails',
    retrySwitch: null,
    exhaustedBy: 'gate',
    shown: { block, as: 'running', isCounted: true },
    slots: { fallback: 2, description },
    red,
    does,
  };
}

/** Twice: on the candidate and on main. */
function reportMs(policy: MeasuringPolicy | undefined): number {
  return policy?.run ? 2 * suiteMs(policy.run) : 0;
}

/** A clone and the suite in it, as often as it may run. */
function judgedMs(suite: SuitePolicy): number {
  return (suite.confirmRed ? 2 : 1) * (GIT_STEP_MS + suiteMs(suite));
}

/** Set-up and suite each get the whole timeout. */
function suiteMs(suite: SuitePolicy): number {
  const runs = suite.setup === null ? 1 : 2;
  return runs * commandMs(suite);
}

/** A URL needs no clone. */
function pollMs({ timeoutMs, check }: MonitorPolicy): number {
  if (check.kind === 'url') return timeoutMs + RUNNER_SETTLE_MS;
  return 3 * GIT_STEP_MS + commandMs({ timeoutMs, graceMs: check.graceMs });
}

function commandMs({ timeoutMs, graceMs }: Pick<DeployPolicy, 'timeoutMs' | 'graceMs'>): number {
  return timeoutMs + graceMs + RUNNER_SETTLE_MS;
}
