import type { CoverageFormat } from '../gates/coverage/coverage-report';
import type { OnSilentRevert } from '../gates/revert/on-silent-revert';
import type { FindingLevel } from '../gates/security/findings';
import type { TestFormat } from '../witness/test-report';
import type { AgentRole, GateName, PipelineStage } from '../task/pipeline';

/** A command: text for `sh -c`, or an argument list run as it is. */
export type CommandLine = string | readonly string[];

export interface SuitePolicy {
  /** Runs first in the same clone (install, build); its failure is a tool error, never a red. */
  readonly setup: CommandLine | null;
  readonly suite: CommandLine;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly witness:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'output'; readonly pattern: string }
    /** Reports that name every test; patterns of paths in the clone. */
    | { readonly kind: 'tests'; readonly format: TestFormat; readonly paths: readonly string[] }
    | null;
  readonly minIsolation: 'none' | 'L0' | 'L1' | 'L2' | 'L3';
  /** The project asks for it in words: it stands although somebody has switched the end of whole runs off. */
  readonly isMinIsolationNamed?: true;
  /** Names of variables of the service's environment that the suite sees. */
  readonly env: readonly string[];
  readonly checkoutDepth: 'full' | number;
  /** What of a set-up is kept for later runs; nothing where it is missing. */
  readonly cache?: SetupCachePolicy;
  /** Fewer tests than that are no green. 0: whatever the count says decides nothing. Left out: a count of 0 is no green. */
  readonly minTests?: number;
  /** Tests of main that a change no longer executes. Left out: held where they are many, see `isTooMany`. */
  readonly onVanishedTests?: 'note' | 'hold';
  /** A red runs once more on the same tree before it counts. A re-test's always does, unless that is switched off. */
  readonly confirmRed?: true;
}

/** What a gate looks at to judge a commit: what a command of the operator has made of it, as a rule. */
export interface MeasuringPolicy {
  /** The command is its `suite`; null where nothing runs and something else is looked at. */
  readonly run: SuitePolicy | null;
  /** With which the command has done its work; every other exit code is a tool error. */
  readonly exitCodes: readonly number[];
}

/** A command of the operator that looks at a commit and leaves a report for a gate. */
export interface ReportPolicy extends MeasuringPolicy {
  /** The report is its witness: what is in its place is removed before the command starts. */
  readonly run: SuitePolicy & { readonly witness: { readonly kind: 'file'; readonly path: string } };
}

/** A scanner that writes SARIF. A finding counts by its level or by its `security-severity`, whichever is enough. */
export interface SecurityPolicy extends ReportPolicy {
  /** The lowest level that fails; null: no level does. */
  readonly level: FindingLevel | null;
  /** The lowest `security-severity` that fails, 0 to 10; null: none does. */
  readonly severity: number | null;
  /** `new`: what main has as well does not count. */
  readonly findings: 'new' | 'all';
}

/** A command that measures coverage. Shares are percentages with at most two decimals; null: that is not asked. */
export interface CoveragePolicy extends ReportPolicy {
  readonly format: CoverageFormat | 'auto';
  /** Of all lines. */
  readonly floor: number | null;
  /** How much less than main's share of all lines is let through; null: main is not asked. */
  readonly tolerance: number | null;
  /** Of the lines that the change brings. */
  readonly changedLines: number | null;
  /** Patterns of the files that count; none: what the report has. */
  readonly sources: readonly string[];
}

/** Where the image is that would be deployed. Paths are relative to the clone. */
export type ImageSource =
  /** A folder that is an OCI image layout, made by the command. */
  | { readonly kind: 'layout'; readonly path: string }
  /** What the command tells of images, as JSON. */
  | { readonly kind: 'report'; readonly path: string }
  | RegistryImage;

/** An image in a registry; where there is a command, it is looked at after that. */
export interface RegistryImage {
  readonly kind: 'registry';
  /** `host/repository:tag`, in which `{commit}` stands for the candidate. */
  readonly image: string;
  /** Name of the variable of the service's environment with `user:password`; null: nobody in particular asks. */
  readonly credentials: string | null;
  /** Whether it is asked by plain HTTP. */
  readonly isInsecure: boolean;
}

/** What check_image_fresh looks at. */
export interface ImagePolicy extends MeasuringPolicy {
  readonly source: ImageSource;
  /** null: however old it is. */
  readonly maxAgeMs: number | null;
}

/** How check_tests_not_weakened judges a change of what judges it. */
export interface JudgePolicy extends MeasuringPolicy {
  /** The re-test's suite, which runs main's version of the tests on the candidate; null: changes of them are noted, and nothing runs. */
  readonly run: SuitePolicy | null;
  /** Patterns of files that judge beside those of the rules. */
  readonly paths: readonly string[];
  /** Patterns of files that do not, whatever the rules say. */
  readonly ignore: readonly string[];
  /** Patterns of judging files whose every change is for a person, whatever a run says. */
  readonly protect: readonly string[];
}

/** What a suite demands. The switch is for a runner that is itself the problem: only what a project asks for stands in its way. */
export function demandedIsolation(
  { minIsolation, isMinIsolationNamed }: SuitePolicy,
  treeKill: boolean,
): SuitePolicy['minIsolation'] {
  return treeKill || isMinIsolationNamed ? minIsolation : 'none';
}

/** Paths are relative to the clone. */
export interface SetupCachePolicy {
  readonly folders: readonly string[];
  /** Files whose contents the folders follow from. */
  readonly key: readonly string[];
  /** Most that is kept for the project. */
  readonly maxBytes: number;
}

/** A command that runs behind the landing. */
interface DeployCommand {
  readonly command: CommandLine;
  readonly graceMs: number;
  /** Names of variables of the service's environment that it sees. */
  readonly env: readonly string[];
}

/** What brings a landed commit to where it is used. */
export interface DeployPolicy extends DeployCommand {
  readonly timeoutMs: number;
}

/** Asks by a command of the operator, in a clone of the landed commit: exit code 0 is a good poll. */
export interface CommandCheck extends DeployCommand {
  readonly kind: 'command';
}

/** Asks by GET. What answers with another status, or not in time, is a bad poll. */
export interface UrlCheck {
  readonly kind: 'url';
  /** Without a user, a password and a fragment. */
  readonly url: string;
  /** Good statuses; left out: 200 to 299. */
  readonly expect?: readonly number[];
}

/** What watches a landed and deployed change for a while. */
export interface MonitorPolicy {
  readonly check: CommandCheck | UrlCheck;
  /** From the start of one poll to the next. */
  readonly everyMs: number;
  /** The whole window at least: its polls are this by `everyMs`, rounded up. */
  readonly forMs: number;
  /** Of one poll. */
  readonly timeoutMs: number;
  /** Bad polls in a row that make the change degraded. */
  readonly failures: number;
}

export interface AgentPolicy {
  readonly command: CommandLine;
  readonly timeoutMs: number;
  readonly graceMs: number;
  /** Text of the project's own template for the role's brief; where it is missing, the shipped one. */
  readonly brief?: string;
}

/** The stages that have a runner of the service and an agent who may stand in for it. */
export const SHADOW_STAGES = ['testing', 'deploy-staging'] as const satisfies readonly PipelineStage[];
export type ShadowStage = (typeof SHADOW_STAGES)[number];

/** Retries, not runs: 3 allows four runs. */
export interface BudgetLimits {
  readonly developer: number;
  readonly agent: number;
  readonly infra: number;
  readonly crash: number;
  readonly landing: number;
  /** Left out, as in policies from before there was one: `DEFAULT_FLAKE_RETRIES`. */
  readonly flake?: number;
}

export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** When a lane that the machine fails stops taking tasks. */
export interface BreakerPolicy {
  /** Stays in the lane that ended within this time are looked at. */
  readonly windowMs: number;
  /** With fewer of them none opens it. */
  readonly minRuns: number;
  /** The share of them that failed by infrastructure, from which on it opens: more than 0, at most 1. */
  readonly rate: number;
  /** Or the time in the lane that failures took in a row, however few they were. */
  readonly unmovedMs: number;
  /** Before the first task is let in again. */
  readonly cooldownMs: number;
}

/** Who puts commits onto main, and signs them. What is missing is `stagegate <stagegate@localhost>`, and no signature. */
export interface LandingIdentity {
  readonly committer?: { readonly name: string; readonly email: string };
  /** Absolute path of a private SSH key without a passphrase. */
  readonly signingKey?: string;
}

/** Where the content of a submodule comes from. */
export interface SubmoduleSource {
  /** As `.gitmodules` writes it. */
  readonly url: string;
  /** Absolute path of a clone of it, bare or not. */
  readonly from: string;
}

/** A text that main keeps in a file, once it is there; `task`: which change brought it, for people. */
export interface TextMarker {
  readonly task: string;
  /** Relative to the root of the repository. */
  readonly file: string;
  /** A part of one line. */
  readonly text: string;
}

/** What CI has to say of a commit before it leaves development. */
export interface CiPolicy {
  /** By the names under which their results are brought. */
  readonly requiredChecks: readonly string[];
  /** Results that count as green beside `success`. */
  readonly accept?: readonly ('neutral' | 'skipped')[];
}

/**
 * Everything a project's operator decides, as one JSON value. It is recorded as an event when it changes, and every
 * verdict cites the digest of its canonical form. Commands in it never come from the branch under test.
 */
export interface ProjectPolicy extends LandingIdentity {
  readonly project: string;
  readonly repo: string;
  readonly main: string;
  readonly entryStages: readonly PipelineStage[];
  readonly staging: SuitePolicy;
  /** The merge gate's re-test after the rebase. */
  readonly retest: SuitePolicy;
  /** The suite of stage testing; without one an agent or a person tests. */
  readonly testing?: SuitePolicy;
  /** Stages whose suite runs beside the agent who has them while their runner is switched off; nobody obeys what it says. */
  readonly shadow?: readonly ShadowStage[];
  /** Runs once a task has landed; without it nothing is deployed. */
  readonly deploy?: DeployPolicy;
  /** Watches what has landed and been deployed; without it a task is done then. */
  readonly monitor?: MonitorPolicy;
  readonly agents: Readonly<Partial<Record<AgentRole, AgentPolicy>>>;
  /** Gates that must not stay unconfigured: such a gate holds the task instead of being passed over. */
  readonly requiredGates: readonly GateName[];
  readonly budgets: BudgetLimits;
  readonly backoff: BackoffPolicy;
  readonly onInfraExhausted: 'hold' | 'rollback';
  /** What becomes of a task whose suite was both red and green on one tree; left out: it is held. */
  readonly onInconclusive?: 'hold' | 'retry';
  /** What becomes of a change that takes back what has landed, without a word; left out: `return`, it goes back to development. */
  readonly onSilentRevert?: OnSilentRevert;
  /** How many of main's commits are looked at for that; left out: `DEFAULT_REVERT_WINDOW`. */
  readonly revertWindow?: number;
  readonly submodules?: readonly SubmoduleSource[];
  /** Without it CI is not asked. */
  readonly ci?: CiPolicy;
  /** The scan that check_security judges by; without one that gate is not configured. */
  readonly security?: SecurityPolicy;
  /** What check_coverage judges by; without one that gate is not configured. */
  readonly coverage?: CoveragePolicy;
  /** The image that check_image_fresh looks at; without one that gate is not configured. */
  readonly image?: ImagePolicy;
  /** What check_tests_not_weakened does; without it that gate is not configured. */
  readonly judge?: JudgePolicy;
  /** Left out: `DEFAULT_BREAKER`. */
  readonly breaker?: BreakerPolicy;
  /** What no candidate may lose. */
  readonly regressionMarkers?: readonly TextMarker[];
}

export const DEFAULT_BUDGETS: BudgetLimits = { developer: 3, agent: 2, infra: 3, crash: 10, landing: 5 };
/** Of suites that were both red and green, where the project retries them. */
export const DEFAULT_FLAKE_RETRIES = 2;
/** Conservative: a lane that pauses for nothing costs more than one that fails a little longer. */
export const DEFAULT_BREAKER: BreakerPolicy = {
  windowMs: 3_600_000,
  minRuns: 5,
  rate: 0.8,
  unmovedMs: 10_800_000,
  cooldownMs: 600_000,
};
export const DEFAULT_BACKOFF: BackoffPolicy = { baseMs: 30_000, maxMs: 600_000 };

/**
 * Exponential back-off with equal jitter: between half and the whole of base × 2^retry, never above `maxMs`.
 *
 * @param retry 0 for the first retry.
 * @param random uniform in [0, 1), drawn outside.
 */
export function backoffMs(policy: BackoffPolicy, retry: number, random: number): number {
  const ceilingMs = Math.min(policy.maxMs, policy.baseMs * 2 ** retry);
  return Math.round(ceilingMs * (0.5 + random / 2));
}
