import { canonicalJson } from '../../../domain/json';
import type { Digest, Oid } from '../../../domain/ids';
import type { MeasuringPolicy } from '../../../domain/policy/project-policy';
import { storableText } from '../../../domain/storable';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { GitWorkspace } from '../../ports/git-workspace';
import type { RunRecord } from '../../../domain/task/task.events';
import type { Hasher } from '../../ports/ids';
import type { Parsed, ReportFault } from '../../ports/report-reader';
import type { InfraReportDeps } from '../infra-report';
import { lastLine } from '../run-record';
import type { SagaContext } from '../saga';
import { runSuite, suiteDigest, suiteRunOf, type SuiteDeps, type SuiteOutcome } from '../suite-run';
import type { Found, MeasureDeps } from './measure';
import { withoutFolder } from './without-folder';

export interface ReportRunDeps extends SuiteDeps, InfraReportDeps, MeasureDeps {
  readonly git: GitWorkspace;
  readonly artifacts: ArtifactStore;
}

/** Which commit a command is run on, and for which side of the comparison. */
export interface Side {
  readonly step: 'candidate' | 'main';
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly baseOid: Oid;
}

/** How what was left is found and read. */
export interface Reading<R> {
  /** @param folder null where no command has run. */
  readonly text: (folder: string | null) => Promise<Found>;
  readonly parse: (text: string) => Parsed<R>;
}

type Failed = Omit<Extract<SuiteOutcome, { kind: 'failed' }>, 'run'> & { readonly run: RunRecord | null };

export interface Read<R> {
  readonly kind: 'read';
  readonly report: R;
  readonly digest: Digest;
  /** null where nothing has run. */
  readonly run: Extract<SuiteOutcome, { kind: 'executed' }>['run'] | null;
  /** The end of what the command has printed. */
  readonly tail: string;
}

export type ReportOutcome<R> = Read<R> | Failed | { readonly kind: 'aborted' };

/** Of everything that a report depends on but the commit, and the machine. */
export function reportDigest(hasher: Hasher, { run, exitCodes }: MeasuringPolicy): Digest {
  return hasher.sha256(canonicalJson({ run: run && suiteDigest(hasher, run), exitCodes }));
}

/**
 * Runs the command, if there is one, in a clone of its own and reads what it has left there. Whatever is not a whole report of a
 * command that has done its work is a failure of the tool.
 */
export async function runForReport<R>(
  deps: ReportRunDeps,
  context: SagaContext,
  policy: MeasuringPolicy,
  side: Side,
  reading: Reading<R>,
): Promise<ReportOutcome<R>> {
  const { claim, project } = context;
  const { step, oid, treeOid, baseOid } = side;
  const { run: suite, exitCodes } = policy;
  const ended = { side, exitCodes, signal: context.signal };
  if (suite === null) return readReport(deps, { ...ended, folder: null, run: null, tail: '' }, reading);
  const runId = step === 'candidate' ? claim.runId : `${claim.runId}-main`;
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
        return await readReport(deps, { ...ended, ...outcome, folder: clone.dir }, reading);
    }
  } finally {
    await clone.dispose();
  }
}

interface Ended {
  readonly side: Side;
  readonly exitCodes: readonly number[];
  readonly signal: AbortSignal;
  readonly folder: string | null;
  readonly run: (RunRecord & { readonly exitCode: number }) | null;
  readonly tail: string;
}

async function readReport<R>(
  { artifacts }: ReportRunDeps,
  ended: Ended,
  { text: read, parse }: Reading<R>,
): Promise<ReportOutcome<R>> {
  const { run, folder, exitCodes, signal, tail } = ended;
  if (run && !exitCodes.includes(run.exitCode)) return failed(ended, exitFault(exitCodes, run.exitCode, tail));
  const found = await read(folder);
  // What is cut short has found out nothing.
  if (signal.aborted) return { kind: 'aborted' };
  if (found.kind === 'fault') return failed(ended, found);
  const text = folder === null ? found.text : withoutFolder(found.text, folder);
  const parsed = parse(text);
  if (parsed.kind === 'fault') return failed(ended, parsed);
  return { kind: 'read', report: parsed.report, digest: await artifacts.put(text), run, tail };
}

function exitFault(exitCodes: readonly number[], exitCode: number, tail: string): ReportFault {
  const line = lastLine(tail);
  return {
    kind: 'fault',
    reason: 'tool_failed',
    evidence: [
      `expected exit code ${exitCodes.join(' or ')}, saw ${exitCode}`,
      ...(line ? [`last line: ${storableText(line, 300)}`] : []),
    ],
  };
}

/** A whole report, which all the same says nothing about the commit. */
export function asFailed<R>({ run, tail }: Read<R>, step: Side['step'], fault: ReportFault): Failed {
  return failed({ run, tail, side: { step } }, fault);
}

function failed(
  { run, tail, side: { step } }: Pick<Ended, 'run' | 'tail'> & { readonly side: Pick<Side, 'step'> },
  fault: ReportFault,
): Failed {
  const { reason, evidence, failureClass = 'tool-error', retryable = true } = fault;
  const failure = { reason, retryable, evidence, step, ...(run ? { exitCode: run.exitCode } : {}) };
  return { kind: 'failed', failureClass, failure, run: run && { ...run, exitCode: null }, tail };
}

/** Its runner calls a missing witness a missing test run. */
function withStep(outcome: Failed, side: Side['step']): Failed {
  const { failure } = outcome;
  const step = failure.step === 'setup' ? failure.step : side;
  const reason = failure.reason === 'no_tests_ran' ? 'no_report' : failure.reason;
  return { ...outcome, failure: { ...failure, reason, step } };
}
