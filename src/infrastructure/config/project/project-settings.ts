import type {
  AgentPolicy,
  BackoffPolicy,
  BreakerPolicy,
  BudgetLimits,
  CommandCheck,
  CoveragePolicy,
  DeployPolicy,
  ImagePolicy,
  JudgePolicy,
  MonitorPolicy,
  ProjectPolicy,
  ReportPolicy,
  SecurityPolicy,
  SuitePolicy,
  UrlCheck,
} from '../../../domain/policy/project-policy';
import type { AgentRole } from '../../../domain/task/pipeline';

/** Like `Partial`, and a field may also be there without a value. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A suite with its command. */
export type OwnSuite = Optional<SuitePolicy> & Pick<SuitePolicy, 'suite'>;

/** What a project needs to be told; everything else has a default. */
export interface ProjectSettings extends Optional<
  Pick<
    ProjectPolicy,
    | 'main'
    | 'entryStages'
    | 'requiredGates'
    | 'onInfraExhausted'
    | 'onInconclusive'
    | 'onSilentRevert'
    | 'revertWindow'
    | 'committer'
    | 'signingKey'
    | 'submodules'
    | 'ci'
    | 'shadow'
    | 'regressionMarkers'
  >
> {
  readonly project: string;
  /** Absolute path of the target repository. */
  readonly repo: string;
  readonly staging: OwnSuite;
  /** What is left out is as in `staging`. */
  readonly retest?: Optional<SuitePolicy> | undefined;
  /** The suite of stage testing; without it an agent or a person tests. */
  readonly testing?: OwnSuite | undefined;
  readonly judge?: JudgeSettings | undefined;
  readonly image?: ImageSettings | undefined;
  readonly security?: (ReportSettings & Optional<Pick<SecurityPolicy, 'level' | 'severity' | 'findings'>>) | undefined;
  readonly coverage?:
    | (ReportSettings & Optional<Pick<CoveragePolicy, 'format' | 'floor' | 'tolerance' | 'changedLines' | 'sources'>>)
    | undefined;
  /** Runs once a task has landed; without it nothing is deployed. */
  readonly deploy?: (Optional<DeployPolicy> & Pick<DeployPolicy, 'command'>) | undefined;
  /** Watches what was deployed; without it a task is done then. */
  readonly monitor?: MonitorSettings | undefined;
  readonly agents?:
    Readonly<Partial<Record<AgentRole, Optional<AgentPolicy> & Pick<AgentPolicy, 'command'>>>> | undefined;
  readonly budgets?: Optional<BudgetLimits> | undefined;
  readonly backoff?: Optional<BackoffPolicy> | undefined;
  readonly breaker?: Optional<BreakerPolicy> | undefined;
}

/** Whether main's tests judge a change of them. What runs is the re-test's suite. */
export interface JudgeSettings extends Optional<Pick<JudgePolicy, 'paths' | 'ignore' | 'protect'>> {
  readonly run: 'main-tests' | 'note';
  readonly timeoutMs?: number | undefined;
}

/** What is asked, and how often. */
export interface MonitorSettings extends Optional<Omit<MonitorPolicy, 'check'>> {
  readonly check: (Optional<CommandCheck> & Pick<CommandCheck, 'kind' | 'command'>) | UrlCheck;
}

/** What makes the image, where something does, and where it is. */
export interface ImageSettings extends Pick<ImagePolicy, 'source' | 'maxAgeMs'> {
  readonly run: OwnSuite | null;
  readonly exitCodes?: readonly number[] | undefined;
}

/** A command that leaves a report. */
export interface ReportSettings {
  readonly run: Optional<SuitePolicy> & Pick<ReportPolicy['run'], 'suite' | 'witness'>;
  readonly exitCodes?: readonly number[] | undefined;
}
