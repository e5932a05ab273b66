import type { ProjectPolicy, SuitePolicy } from '../policy/project-policy';
import type { SwitchName } from '../policy/switches';
import type { AgentRole, GateName, WorkStage } from './pipeline';

export interface JobRow {
  /** The gate for which it brings evidence: the job is due when its stage has come to that gate. Null: due by other rules. */
  readonly gate: GateName | null;
  /** Of a job that runs a suite whose exit code is its stage's verdict; null for every other. */
  readonly verdict: SuiteVerdict | null;
  /**
   * Of a job that finds out about the candidate what its gate judges by: the block of the project file whose command leaves a report, or
   * that git is asked what the candidate takes back; null for every other.
   */
  readonly report: ReportKind | 'reverts' | null;
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
  | 'revert-check'
  | 'judge-run'
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
  | 'revert_gate'
  | 'judge_gate'
  | 'security_gate'
  | 'coverage_gate'
  | 'image_gate'
  | 'deploy_finalizer'
  | 'post_deploy_monitor'
  | 'agents';

/** Blocks of the project file by which a job finds out what its gate judges: by the report of a command, as a rule. */
export type ReportKind = 'judge' | 'security' | 'coverage' | 'image';

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
