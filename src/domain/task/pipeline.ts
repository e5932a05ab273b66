/** Stages a task walks through, in order. */
export const STAGES = [
  'created',
  'analysis',
  'architecture',
  'development',
  'review',
  'testing',
  'deploy-staging',
  'deploy',
  'monitoring',
  'done',
] as const;
export type PipelineStage = (typeof STAGES)[number];
export type Stage = PipelineStage | 'cancelled' | 'rejected';
/** A stage at which something is left to do. */
export type WorkStage = Exclude<PipelineStage, 'done'>;

export const AGENT_ROLES = ['analyst', 'architect', 'developer', 'reviewer', 'tester', 'deployer'] as const;
export type AgentRole = (typeof AGENT_ROLES)[number];
/** Produced by the service itself; these names never reach the agent transport. */
export const RESERVED_PRODUCERS = ['staging-runner', 'test-runner', 'deploy-finalizer', 'post-deploy-monitor'] as const;
export type ReservedProducer = (typeof RESERVED_PRODUCERS)[number];
export type Producer = AgentRole | ReservedProducer;

export const GATES = [
  'intake',
  'check_analysis_ready',
  'check_architecture_ready',
  'check_ci_green',
  'check_review_approved',
  'check_tests_passed',
  'check_staging_status',
  'check_branch_mergeable',
  'check_no_silent_revert',
  'check_tests_not_weakened',
  'check_security',
  'check_coverage',
  'check_image_fresh',
  'check_deploy_status',
  'check_monitor_healthy',
] as const;
export type GateName = (typeof GATES)[number];

/** What a gate can say. A broken tool is no gate result at all; it is the infra path. */
export type GateResultKind = 'pass' | 'fail' | 'hold' | 'not-ready' | 'not-configured';

/** File a stage's producer leaves behind, and the one key in its front matter that says how it went. */
export interface StageArtifact {
  readonly file: string;
  readonly verdictKey: string;
  readonly passes: string;
  /** null: the producer has no way to say no, an artifact without the passing value is malformed. */
  readonly fails: string | null;
}

/** What a failed exit gate does to the task. */
export type OnGateFailed =
  | { readonly to: 'rejected' }
  | { readonly to: 'same-stage'; readonly budget: 'agent' | 'developer' }
  | { readonly to: 'development' }
  | { readonly to: 'hold' };

export interface StageRow {
  readonly stage: WorkStage;
  readonly producer: Producer | null;
  /** Takes over when the reserved producer is switched off, out of scope or has nothing to run. */
  readonly fallback: AgentRole | null;
  /** Its producer answers with commits on the task's branch; every other one with its artifact. */
  readonly commits: boolean;
  readonly artifact: StageArtifact | null;
  /** In the order in which they are evaluated. */
  readonly gates: readonly GateName[];
  readonly onGateFailed: OnGateFailed;
}

/** The whole pipeline. A golden test pins it; adding a stage is one row here and its gates. */
export const STAGE_TRANSITIONS: readonly StageRow[] = deepFreeze([
  {
    stage: 'created',
    producer: null,
    fallback: null,
    commits: false,
    artifact: null,
    gates: ['intake'],
    onGateFailed: { to: 'rejected' },
  },
  {
    stage: 'analysis',
    producer: 'analyst',
    fallback: null,
    commits: false,
    artifact: { file: '01-analysis.md', verdictKey: 'analysis_status', passes: 'READY', fails: null },
    gates: ['check_analysis_ready'],
    onGateFailed: { to: 'same-stage', budget: 'agent' },
  },
  {
    stage: 'architecture',
    producer: 'architect',
    fallback: null,
    commits: false,
    artifact: { file: '02-architecture.md', verdictKey: 'architecture_status', passes: 'READY', fails: null },
    gates: ['check_architecture_ready'],
    onGateFailed: { to: 'same-stage', budget: 'agent' },
  },
  {
    stage: 'development',
    producer: 'developer',
    fallback: null,
    commits: true,
    artifact: null,
    gates: ['check_ci_green'],
    onGateFailed: { to: 'same-stage', budget: 'developer' },
  },
  {
    stage: 'review',
    producer: 'reviewer',
    fallback: null,
    commits: false,
    artifact: { file: '12-review.md', verdictKey: 'review_status', passes: 'APPROVED', fails: 'REQUEST_CHANGES' },
    gates: ['check_review_approved'],
    onGateFailed: { to: 'development' },
  },
  {
    stage: 'testing',
    producer: 'test-runner',
    fallback: 'tester',
    commits: false,
    artifact: { file: '13-test-report.md', verdictKey: 'test_status', passes: 'PASSED', fails: 'FAILED' },
    gates: ['check_tests_passed'],
    onGateFailed: { to: 'development' },
  },
  {
    stage: 'deploy-staging',
    producer: 'staging-runner',
    fallback: 'deployer',
    commits: false,
    artifact: { file: '15-staging-log.md', verdictKey: 'staging_status', passes: 'SUCCESS', fails: 'FAILED' },
    gates: [
      'check_staging_status',
      'check_branch_mergeable',
      'check_no_silent_revert',
      'check_tests_not_weakened',
      'check_security',
      'check_coverage',
      'check_image_fresh',
    ],
    onGateFailed: { to: 'development' },
  },
  {
    stage: 'deploy',
    producer: 'deploy-finalizer',
    fallback: null,
    commits: false,
    artifact: { file: '16-deploy-log.md', verdictKey: 'deploy_status', passes: 'SUCCESS', fails: 'FAILED' },
    gates: ['check_deploy_status'],
    onGateFailed: { to: 'hold' },
  },
  {
    stage: 'monitoring',
    producer: 'post-deploy-monitor',
    fallback: null,
    commits: false,
    artifact: { file: '17-monitor-log.md', verdictKey: 'monitor_status', passes: 'HEALTHY', fails: 'DEGRADED' },
    gates: ['check_monitor_healthy'],
    onGateFailed: { to: 'hold' },
  },
]);

export function rowOf(stage: WorkStage): StageRow {
  const row = STAGE_TRANSITIONS[STAGES.indexOf(stage)];
  if (!row) throw new Error(`no row for stage ${stage}`);
  return row;
}

const STAGE_OF_GATE: ReadonlyMap<GateName, WorkStage> = new Map(
  STAGE_TRANSITIONS.flatMap(({ stage, gates }) => gates.map((gate) => [gate, stage] as const)),
);

/** What the merge gate leaves behind of each re-test: no stage's artifact, with the contract of one. */
export const RETEST_ARTIFACT = {
  file: '15-retest-log.md',
  verdictKey: 'retest_status',
  passes: 'SUCCESS',
  fails: 'FAILED',
} as const satisfies StageArtifact;

/** The stage that is left through this gate. */
export function stageOf(gate: GateName): WorkStage {
  const stage = STAGE_OF_GATE.get(gate);
  if (!stage) throw new Error(`no stage has gate ${gate}`);
  return stage;
}

/** The producer of a stage that runs a suite of the project. */
export function runnerOf(stage: WorkStage): ReservedProducer {
  const { producer } = rowOf(stage);
  if (producer === null || isAgentRole(producer)) throw new Error(`no runner makes the verdict of ${stage}`);
  return producer;
}

export function isAgentRole(producer: Producer | null): producer is AgentRole {
  return producer !== null && !(RESERVED_PRODUCERS as readonly Producer[]).includes(producer);
}

/** Whether a role answers with commits on the task's branch; only such a one can push there. */
export function doesCommit(role: AgentRole): boolean {
  return STAGE_TRANSITIONS.some(({ commits, producer }) => commits && producer === role);
}

export function isFinal(stage: Stage): stage is 'done' | 'cancelled' | 'rejected' {
  return stage === 'done' || stage === 'cancelled' || stage === 'rejected';
}

export function isStageName(text: string): text is PipelineStage {
  return (STAGES as readonly string[]).includes(text);
}

export function isGateName(text: string): text is GateName {
  return (GATES as readonly string[]).includes(text);
}

export function nextStage(stage: WorkStage): PipelineStage {
  return STAGES[STAGES.indexOf(stage) + 1] ?? 'done';
}

/** Nothing enters behind the merge gate, whatever a project lists: that would be a way around the tests. */
export function mayEnterAt(stage: PipelineStage): boolean {
  return !comesAfter(stage, 'deploy-staging');
}

/** Stages strictly between two stages of the pipeline, in order. */
export function stagesBetween(from: PipelineStage, to: PipelineStage): readonly WorkStage[] {
  return STAGE_TRANSITIONS.map(({ stage }) => stage).slice(STAGES.indexOf(from) + 1, STAGES.indexOf(to));
}

export function comesAfter(stage: PipelineStage, other: PipelineStage): boolean {
  return STAGES.indexOf(stage) > STAGES.indexOf(other);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
