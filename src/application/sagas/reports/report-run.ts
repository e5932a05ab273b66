import { canonicalJson } from '../../../domain/json';
import type { Digest, Oid } from '../../../domain/ids';
import type { ReportPolicy } from '../../../domain/policy/project-policy';
import { storableText } from '../../../domain/storable';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { GitWorkspace } from '../../ports/git-workspace';
import type { Hasher } from '../../ports/ids';
import type { Parsed, ReportFault, ReportReader } from '../../ports/report-reader';
import type { InfraReportDeps } from '../infra-report';
import type { SagaContext } from '../saga';
import { runSuite, suiteDigest, suiteRunOf, type SuiteDeps, type SuiteOutcome } from '../suite-run';
import { withoutFolder } from './without-folder';

export interface ReportRunDeps extends SuiteDeps, InfraReportDeps {
  readonly git: GitWorkspace;
  readonly artifacts: ArtifactStore;
  readonly reports: ReportReader;
}

/** Which commit a command is run on, and for which side of the comparison. */
export interface Side {
  readonly step: 'candidate' | 'main';
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly baseOid: Oid;
}

type Failed = Extract<SuiteOutcome, { kind: 'failed' }>;

export interface Read<R> {
  readonly kind: 'read';
  readonly report: R;
  readonly digest: Digest;
  readonly run: Extract<SuiteOutcome, { kind: 'executed' }>['run'];
  /** The end of what the command has printed. */
  readonly tail: string;
}

export type ReportOutcome<R> = Read<R> | Failed | { readonly kind: 'aborted' };

/** Of everything that a report depends on but the commit, and the machine. */
export function reportDigest(hasher: Hasher, { run, exitCodes }: ReportPolicy): Digest {
  return hasher.sha256(canonicalJson({ run: suiteDigest(hasher, run), exitCodes }));
}

/**
 * Runs the command in a clone of its own and reads what it has left there. Whatever is not a whole report of a command that has
 * done its work is a failure of the tool.
 */
export async function runForReport<R>(
  deps: ReportRunDeps,
  context: SagaContext,
  policy: ReportPolicy,
  { step, oid, treeOid, baseOid }: Side,
  parse: (text: string) => Parsed<R>,
): Promise<ReportOutcome<R>> {
  const { claim, project } = context;
  const runId = step === 'candidate' ? claim.runId : `${claim.runId}-main`;
  const { run: suite } = policy;
  const options = { oid, baseOid, depth: suite.checkoutDepth, name: runId };
  const clone = await deps.git.disposableClone(project.repository, options);
  try {
    const run = {
      ...suiteRunOf(context, clone, treeOid),
      runId,
      suite,
      isWanted: () => true,
      isJudgedByCaller: true as const,
    };
    const outcome = await runSuite(deps, run);
    switch (outcome.kind) {
      case 'aborted':
      case 'unwanted':
        return { kind: 'aborted' };
      case 'failed':
        return withStep(outcome, step);
      case 'executed':
        return await readReport(deps, { policy, outcome, folder: clone.dir, step }, parse);
    }
  } finally {
    await clone.dispose();
  }
}

interface Executed {
  readonly policy: ReportPolicy;
  readonly outcome: Extract<SuiteOutcome, { kind: 'executed' }>;
  readonly folder: string;
  readonly step: Side['step'];
}

async function readReport<R>(
  { reports, artifacts }: ReportRunDeps,
  executed: Executed,
  parse: (text: string) => Parsed<R>,
): Promise<ReportOutcome<R>> {
  const { policy, outcome, folder } = executed;
  const { exitCode } = outcome.run;
  if (!policy.exitCodes.includes(exitCode)) return failed(executed, exitFault(policy, exitCode, outcome.tail));
  const file = await reports.file(folder, policy.run.witness.path);
  if (file.kind === 'fault') return failed(executed, file);
  const text = withoutFolder(file.text, folder);
  const parsed = parse(text);
  if (parsed.kind === 'fault') return failed(executed, parsed);
  const { run, tail } = outcome;
  return { kind: 'read', report: parsed.report, digest: await artifacts.put(text), run, tail };
}

function exitFault({ exitCodes }: ReportPolicy, exitCode: number, tail: string): ReportFault {
  const lastLine = tail.trimEnd().split('\n').at(-1) ?? '';
  return {
    kind: 'fault',
    reason: 'tool_failed',
    evidence: [
      `expected exit code ${exitCodes.join(' or ')}, saw ${exitCode}`,
      ...(lastLine ? [`last line: ${storableText(lastLine, 300)}`] : []),
    ],
  };
}

/** A whole report, which all the same says nothing about the commit. */
export function asFailed<R>({ run, tail }: Read<R>, step: Side['step'], fault: ReportFault): Failed {
  return failed({ outcome: { run, tail }, step }, fault);
}

function failed(
  { outcome, step }: { readonly outcome: Pick<Read<unknown>, 'run' | 'tail'>; readonly step: Side['step'] },
  { reason, evidence }: ReportFault,
): Failed {
  const { run, tail } = outcome;
  const failure = { reason, retryable: true, evidence, step, exitCode: run.exitCode };
  return { kind: 'failed', failureClass: 'tool-error', failure, run: { ...run, exitCode: null }, tail };
}

/** Its runner calls a missing witness a missing test run. */
function withStep(outcome: Failed, side: Side['step']): Failed {
  const { failure } = outcome;
  const step = failure.step === 'setup' ? failure.step : side;
  const reason = failure.reason === 'no_tests_ran' ? 'no_report' : failure.reason;
  return { ...outcome, failure: { ...failure, reason, step } };
}
