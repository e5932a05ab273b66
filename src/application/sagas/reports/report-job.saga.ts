import type { ReportEvidence } from '../../../domain/gates/report-gate';
import type { Digest, Oid } from '../../../domain/ids';
import { instant } from '../../../domain/instant';
import type { MeasuringPolicy } from '../../../domain/policy/project-policy';
import { JOBS } from '../../../domain/task/job-table';
import type { GateName } from '../../../domain/task/pipeline';
import type { ReportHistory } from '../../ports/report-history';
import { infraOutcome } from '../infra-report';
import { givenBack, type Saga, type SagaContext, type SagaOutcome } from '../saga';
import { candidateFor, type Candidate } from './candidate';
import { COVERAGE } from './coverage-measure';
import { IMAGE } from './image-measure';
import type { Measure } from './measure';
import {
  asFailed,
  reportDigest,
  runForReport,
  type Reading,
  type ReportOutcome,
  type ReportRunDeps,
  type Side,
} from './report-run';
import { SECURITY } from './security-measure';

export interface ReportJobDeps extends ReportRunDeps {
  readonly reportHistory: ReportHistory;
}

/** Runs the command of one gate on the candidate, compares its report with main's, and says what came of it. */
export class ReportJobSaga implements Saga {
  constructor(private readonly deps: ReportJobDeps) {}

  run(context: SagaContext): Promise<SagaOutcome> {
    const { report } = JOBS[context.claim.job.kind];
    switch (report) {
      case 'security':
        return this.measure(context, SECURITY);
      case 'coverage':
        return this.measure(context, COVERAGE);
      case 'image':
        return this.measure(context, IMAGE);
      case 'reverts':
      case 'judge':
      case null:
        throw new Error(`${context.claim.job.kind} leaves no report`);
    }
  }

  private async measure<P extends MeasuringPolicy, R, G>(
    context: SagaContext,
    measure: Measure<P, R, G>,
  ): Promise<SagaOutcome> {
    const { claim, project, task } = context;
    const policy = measure.policy(project.policy);
    const { gate } = JOBS[claim.job.kind];
    if (!policy || gate === null) return givenBack(context, 'its gate is not configured any more');
    const subject = await candidateFor(this.deps.git, context);
    if ('outcome' in subject) return subject.outcome;
    const { newOid, newTree, baseOid } = subject;
    const judged = { task: task.id, newOid, baseOid };
    const ground = await measure.ground(this.deps.git, project.repository, judged);
    const side: Side = { step: 'candidate', oid: newOid, treeOid: newTree, baseOid };
    const found = await runForReport(this.deps, context, policy, side, this.reading(context, measure, policy, newOid));
    if (found.kind !== 'read') return this.ended(context, found);
    const asksMain = measure.needsMain(found.report, policy);
    const main = asksMain
      ? await this.main(context, { policy, subject, gate }, this.reading(context, measure, policy, baseOid))
      : null;
    if (main && main.kind !== 'read') return this.ended(context, main);
    const at = instant(this.deps.clock.now());
    const facts = measure.facts({ judged, policy, report: found.report, base: main?.report ?? null, ground, at });
    if ('kind' in facts) return this.ended(context, asFailed(found, 'candidate', facts));
    const evidence: ReportEvidence = {
      ...facts.data,
      asked: measure.asked(policy),
      base: main && { oid: baseOid, report: main.digest },
      command: reportDigest(this.deps.hasher, policy),
      report: found.digest,
      ...(facts.details === null ? {} : { output: await this.deps.artifacts.put(facts.details) }),
      ...(facts.seen.length === 0 ? {} : { seen: facts.seen }),
    };
    return { type: 'ReportEvidence', data: { claim: claim.token, subjectOid: newOid, evidence, run: found.run } };
  }

  /** What was found out about main's commit before, by the same command, is not found out again. */
  private async main<R>(
    context: SagaContext,
    {
      policy,
      subject,
      gate,
    }: { readonly policy: MeasuringPolicy; readonly subject: Candidate; readonly gate: GateName },
    reading: Reading<R>,
  ): Promise<Kept<R> | ReportOutcome<R>> {
    const { baseOid: oid, baseTree: treeOid } = subject;
    const { hasher, artifacts, reportHistory } = this.deps;
    const { project } = context.project.policy;
    const digest = await reportHistory.find({ project, gate, oid, command: reportDigest(hasher, policy) });
    const bytes = digest === null ? null : await artifacts.get(digest);
    // Parsed before, so only another version of the program can find fault with it.
    const parsed = bytes && reading.parse(new TextDecoder().decode(bytes));
    if (digest !== null && parsed?.kind === 'read') return { kind: 'read', report: parsed.report, digest };
    return runForReport(this.deps, context, policy, { step: 'main', oid, treeOid, baseOid: oid }, reading);
  }

  private reading<P extends MeasuringPolicy, R, G>(
    { signal }: SagaContext,
    { source, parse }: Measure<P, R, G>,
    policy: P,
    oid: Oid,
  ): Reading<R> {
    return {
      text: (folder) => source(this.deps, policy, { folder, oid, signal }),
      parse: (text) => parse(this.deps.reports, text, policy),
    };
  }

  private async ended<R>(
    context: SagaContext,
    outcome: Exclude<ReportOutcome<R>, { kind: 'read' }>,
  ): Promise<SagaOutcome> {
    return outcome.kind === 'aborted' ? 'abandoned' : infraOutcome(this.deps, context, outcome);
  }
}

interface Kept<R> {
  readonly kind: 'read';
  readonly report: R;
  readonly digest: Digest;
}
