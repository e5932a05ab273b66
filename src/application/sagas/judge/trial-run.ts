import type { Trial, TrialRun } from '../../../domain/gates/judge/judge-evidence';
import type { TrialPlan } from '../../../domain/gates/judge/judge-change';
import type { Digest } from '../../../domain/ids';
import { ruleOf } from '../../../domain/failures/by-rule';
import { witnessFinding } from '../../../domain/witness/witness-finding';
import { canonicalJson, type JsonObject } from '../../../domain/json';
import type { JudgePolicy, SuitePolicy } from '../../../domain/policy/project-policy';
import { storableText } from '../../../domain/storable';
import type { RunRecord } from '../../../domain/task/task.events';
import type { ReportHistory } from '../../ports/report-history';
import type { Candidate } from '../reports/candidate';
import { reportDigest, type ReportRunDeps } from '../reports/report-run';
import type { SagaContext } from '../saga';
import { environmentDigest, isolationNow, runSuite, suiteRunOf, type SuiteOutcome } from '../suite-run';

export interface TrialDeps extends ReportRunDeps {
  readonly reportHistory: ReportHistory;
}

/** Of what a run printed, in characters; with two runs a page of them stays below what its readers take. */
const TAIL_CHARS = 30_000;

export type TrialOutcome =
  | {
      readonly kind: 'tried';
      readonly trial: Trial;
      /** Of the text that the runs are kept in, among the artifacts. */
      readonly digest: Digest;
      readonly run: RunRecord | null;
    }
  | Exclude<SuiteOutcome, { kind: 'executed' }>;

/** Of everything that a trial depends on but its tree: the suite, and what it sees of the machine. */
export function trialDigest(deps: TrialDeps, context: SagaContext, policy: JudgePolicy, suite: SuitePolicy): Digest {
  const isolation = isolationNow(deps, context.switches.subprocessTreeKill);
  const environment = environmentDigest(deps, suite, isolation);
  return deps.hasher.sha256(canonicalJson({ environment, suite: reportDigest(deps.hasher, policy) }));
}

/**
 * Runs the suite on the candidate with everything that judges it as main has it. A red runs once more, in a clone of its own, before it
 * counts. What is known of the same tree, by the same suite, is not run again.
 */
export async function runTrial(
  deps: TrialDeps,
  context: SagaContext,
  {
    candidate,
    plan,
    suite,
    command,
  }: {
    readonly candidate: Candidate;
    readonly plan: TrialPlan;
    readonly suite: SuitePolicy;
    readonly command: Digest;
  },
): Promise<TrialOutcome> {
  const { project, claim, switches } = context;
  const { newOid, baseOid } = candidate;
  const { oid, treeOid } = await deps.git.commitTrial(project.repository, { onto: newOid, plan });
  const known = await knownTrial(deps, context, treeOid, command);
  if (known) return known;
  const runs: TrialRun[] = [];
  let last: RunRecord | null = null;
  const names = [claim.runId, ...(switches.confirmRed ? [`${claim.runId}-confirm`] : [])];
  for (const runId of names) {
    const options = { oid, baseOid, depth: suite.checkoutDepth, name: runId };
    const clone = await deps.git.disposableClone(project.repository, options);
    try {
      const more = { runId, suite, isWanted: () => true, containsMain: true };
      const run = { ...suiteRunOf(context, clone, treeOid), ...more };
      const outcome = await runSuite(deps, run);
      if (outcome.kind !== 'executed') return outcome;
      last = outcome.run;
      const { exitCode, durationMs } = outcome.run;
      const doubt = witnessFinding({ ...outcome.run, ...ruleOf(outcome) }, suite)?.evidence[0] ?? null;
      runs.push({
        exitCode,
        durationMs,
        runId,
        doubt,
        tail: storableText(outcome.tail.slice(-TAIL_CHARS), TAIL_CHARS),
      });
      if (exitCode === 0 || doubt !== null) break;
    } finally {
      await clone.dispose();
    }
  }
  const digest = await deps.artifacts.put(canonicalJson({ runs: runs as unknown as JsonObject[], treeOid }));
  return { kind: 'tried', trial: { treeOid, runs, isKnown: false }, digest, run: last };
}

async function knownTrial(
  { reportHistory, artifacts }: TrialDeps,
  { project }: SagaContext,
  treeOid: string,
  command: Digest,
): Promise<Extract<TrialOutcome, { kind: 'tried' }> | null> {
  const gate = 'check_tests_not_weakened';
  const digest = await reportHistory.find({ project: project.policy.project, gate, oid: treeOid, command });
  const bytes = digest === null ? null : await artifacts.get(digest);
  if (digest === null || bytes === null) return null;
  // Written by `runTrial`, and kept by its digest.
  const { runs } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly runs: readonly TrialRun[] };
  return { kind: 'tried', trial: { treeOid, runs, isKnown: true }, digest, run: null };
}
