import { classify } from '../../domain/failures/classify';
import { saysNoTests } from '../../domain/witness/witness-finding';
import { canonicalJson } from '../../domain/json';
import type { Digest, Oid } from '../../domain/ids';
import { demandedIsolation, type CommandLine, type SuitePolicy } from '../../domain/policy/project-policy';
import type { InfraFailure } from '../../domain/task/task.commands';
import type { ByRule, FolderList, RunRecord, SetupNote } from '../../domain/task/task.events';
import { jobKey } from '../../domain/task/job';
import type { DisposableClone } from '../ports/git-workspace';
import type { HostEnvironment } from '../ports/host-environment';
import type { Hasher } from '../ports/ids';
import type { ProcessRunner, RunResult } from '../ports/process-runner';
import type { SetupCache } from '../ports/setup-cache';
import type { SuiteBaseline, SuiteHistory } from '../ports/suite-history';
import { infraClass, signalOf } from './classified';
import { lastOutput, runRecord } from './run-record';
import type { SagaContext } from './saga';
import { besideMain, withReports, type TestsDeps } from './test-reports';
import { keepSetup, restoredSetup, RESTORED } from './setup-step';
import { suiteFailure } from './tool-failure';

export interface SuiteDeps extends TestsDeps {
  readonly runner: ProcessRunner;
  readonly host: HostEnvironment;
  readonly hasher: Hasher;
  readonly history: SuiteHistory;
  readonly setups: SetupCache;
}

export type SuiteOutcome =
  | ({
      readonly kind: 'executed';
      readonly run: RunRecord & { readonly exitCode: number };
      readonly tail: string;
    } & ByRule)
  | {
      readonly kind: 'failed';
      readonly failureClass: InfraFailure['failureClass'];
      readonly failure: InfraFailure['failure'];
      readonly run: RunRecord;
      readonly tail: string;
    }
  | { readonly kind: 'aborted' }
  /** What was to be started is not wanted any more, and was not. */
  | { readonly kind: 'unwanted' };

/** Where and as what one suite runs. */
export interface SuiteRun {
  readonly suite: SuitePolicy;
  readonly project: string;
  /** Job key: suites of other jobs take other times. */
  readonly job: string;
  readonly cwd: string;
  /** Tree that is checked out there. */
  readonly treeOid: Oid;
  /** Folders of submodules that are empty there. */
  readonly emptyFolders: FolderList | undefined;
  readonly runId: string;
  readonly cookie: string;
  readonly signal: AbortSignal;
  /** Whether all of main's commits are in what is checked out: else main may run what this cannot have. */
  readonly containsMain?: boolean;
  /** What its exit code says is for its caller to know: it is no suite. */
  readonly isJudgedByCaller?: true;
  /** Asked right before each command is started. */
  readonly isWanted: () => boolean;
  /** Whether everything that the command starts is ended with it; asked then, too. */
  readonly treeKill: () => boolean;
}

/** What a suite runs as and where, by the claim that it runs for. */
export function suiteRunOf(
  context: SagaContext,
  { dir, emptyFolders }: DisposableClone,
  treeOid: Oid,
): Omit<SuiteRun, 'suite' | 'isWanted'> {
  const { claim, project, signal } = context;
  return {
    project: project.policy.project,
    job: jobKey(claim.job),
    cwd: dir,
    emptyFolders,
    treeOid,
    runId: claim.runId,
    cookie: claim.cookie,
    signal,
    // Looked up when it is asked for: somebody may switch meanwhile.
    treeKill: () => context.switches.subprocessTreeKill,
  };
}

/** Runs set-up and suite in a clone. A set-up that fails says nothing about the change, whatever it ended with. */
export async function runSuite(deps: SuiteDeps, given: SuiteRun): Promise<SuiteOutcome> {
  const { suite, runId } = given;
  const setup = await setUp(deps, given);
  if (setup !== null && 'kind' in setup) return setup;
  const baseline = await deps.history.baseline(given.project, given.job);
  if (!given.isWanted()) return { kind: 'unwanted' };
  const { witness } = suite;
  const counts = given.isJudgedByCaller ? {} : { countsTests: true as const };
  const result = await runCommand(deps, given, { command: suite.suite, runId, witness, baseline, ...counts });
  const ended = outcomeOf(deps, result, { name: 'suite', command: suite.suite }, given);
  if (ended.kind !== 'executed') return ended;
  const run = given.isJudgedByCaller ? ended.run : await withTests(deps, given, ended.run);
  return { ...ended, run: setup === null ? run : { ...run, setup } };
}

/** What the run says of its tests, and how that differs from main. */
async function withTests<Run extends RunRecord>(deps: SuiteDeps, given: SuiteRun, found: Run): Promise<Run> {
  const { suite, project, cwd, containsMain } = given;
  const run = await withReports(deps, suite, cwd, found);
  const isEmpty = run.tests?.executed === 0;
  // A red has not run all of its tests, and a branch that lacks commits of main need not have their tests.
  const isComparable = isEmpty || (containsMain === true && run.exitCode === 0);
  return isComparable ? besideMain(deps, project, suiteDigest(deps.hasher, suite), run) : run;
}

/** @returns how it was kept or spared, null where nothing is; or the outcome of the whole run, when it did not end well. */
async function setUp(deps: SuiteDeps, given: SuiteRun): Promise<SetupNote | null | SuiteOutcome> {
  const { suite, runId, treeOid } = given;
  if (suite.setup === null) return null;
  const kept = await restoredSetup(deps, given, environmentDigest(deps, suite, isolationNow(deps, given.treeKill())));
  if (kept === 'restored') return RESTORED;
  if (!given.isWanted()) return { kind: 'unwanted' };
  const result = await runCommand(deps, given, { command: suite.setup, runId: `${runId}-setup` });
  const outcome = outcomeOf(deps, result, { name: 'setup', command: suite.setup }, given);
  if (outcome.kind !== 'executed') return outcome;
  return kept && keepSetup(kept, treeOid);
}

/** What a suite is, apart from how long it may take: equal digests run the same thing. */
export function suiteDigest(hasher: Hasher, policy: SuitePolicy): Digest {
  const { setup, suite, witness, env, checkoutDepth, cache } = policy;
  return hasher.sha256(canonicalJson({ setup, suite, witness, env, checkoutDepth, cache: cache && { ...cache } }));
}

/** What a command's result depends on beside its tree: allowed variables, isolation level, operating system. */
export function environmentDigest(
  { host, hasher }: Pick<SuiteDeps, 'host' | 'hasher'>,
  { env }: Pick<SuitePolicy, 'env'>,
  isolation: string,
): Digest {
  return hasher.sha256(canonicalJson({ env: host.pick(env), release: host.release, isolation }));
}

/** The level that a run gets that begins now. */
export function isolationNow({ host }: Pick<SuiteDeps, 'host'>, treeKill: boolean): string {
  return treeKill ? host.isolation : 'none';
}

export function commandText(command: CommandLine): string {
  return typeof command === 'string' ? command : command.join(' ');
}

interface Step {
  readonly command: CommandLine;
  readonly runId: string;
  readonly witness?: SuitePolicy['witness'];
  readonly countsTests?: true;
  readonly baseline?: SuiteBaseline | null;
}

function runCommand(
  { runner, host }: SuiteDeps,
  { suite, cwd, cookie, signal, treeKill: asked }: SuiteRun,
  { command, runId, witness = null, countsTests, baseline = null }: Step,
): Promise<RunResult> {
  const treeKill = asked();
  const [program = '', ...args] = typeof command === 'string' ? ['sh', '-c', command] : command;
  return runner.run({
    runId,
    cookie,
    command: program,
    args,
    cwd,
    env: host.pick(suite.env),
    timeoutMs: suite.timeoutMs,
    graceMs: suite.graceMs,
    minIsolation: demandedIsolation(suite, treeKill),
    treeKill,
    logFile: host.logFile(runId),
    signal,
    ...(witness ? { witness } : {}),
    ...(countsTests ? { countsTests } : {}),
    ...(baseline ? { baseline } : {}),
  });
}

function outcomeOf(
  { hasher }: SuiteDeps,
  result: RunResult,
  step: { readonly name: 'suite' | 'setup'; readonly command: CommandLine },
  { signal, emptyFolders, isJudgedByCaller }: Pick<SuiteRun, 'signal' | 'emptyFolders' | 'isJudgedByCaller'>,
): SuiteOutcome {
  const run = { ...runRecord(hasher, result), ...(emptyFolders ? { emptyFolders } : {}) };
  const tail = lastOutput(result);
  const isPlain = isJudgedByCaller === true && step.name === 'suite';
  if (result.kind === 'executed' && (isPlain || result.exitCode === 0))
    return { kind: 'executed', run: { ...run, exitCode: result.exitCode }, tail };
  if (result.kind === 'tool_error' && result.reason === 'aborted' && signal.aborted) return { kind: 'aborted' };
  const found = classify(signalOf(result, step.name, step.command));
  const { rule, ruleVersion } = found;
  // That its tool found no tests is no fault of the machine, and no red: whoever judges the run knows the rule.
  const isKnownEmpty = step.name === 'suite' && !isPlain && saysNoTests(found);
  if ((found.class === 'red' || isKnownEmpty) && result.exitCode !== undefined)
    return { kind: 'executed', run: { ...run, exitCode: result.exitCode }, tail, rule, ruleVersion };
  const failure = { ...suiteFailure(result, found, step, tail), step: step.name };
  return { kind: 'failed', failureClass: infraClass(found), failure, run: { ...run, exitCode: null }, tail };
}
