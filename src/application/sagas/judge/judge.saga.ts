import {
  findingOf,
  judgeFacts,
  judgeLine,
  speaksAgainst,
  type JudgeOutcome,
} from '../../../domain/gates/judge/judge-evidence';
import { askedOfJudge } from '../../../domain/gates/judge/judge.gate';
import { JUDGE_ARTIFACT, renderJudge } from '../../../domain/gates/judge/judge-page';
import type { ReportEvidence } from '../../../domain/gates/report-gate';
import type { Digest } from '../../../domain/ids';
import { JOBS } from '../../../domain/task/job-table';
import type { SubmittedTask } from '../../../domain/task/task.state';
import { infraOutcome } from '../infra-report';
import { SEEN_LINES } from '../reports/measure';
import { candidateFor, type Candidate } from '../reports/candidate';
import { givenBack, type Saga, type SagaContext, type SagaOutcome } from '../saga';
import { artifactFile } from '../subject';
import { examine, type ExaminedChange } from './examined-change';
import { runTrial, trialDigest, type TrialDeps, type TrialOutcome } from './trial-run';

/**
 * Looks what a change does to what judges it, and, where it can have weakened that, has main's version of it judge the candidate too. What
 * came of it is evidence; the gate answers by that alone.
 */
export class JudgeSaga implements Saga {
  constructor(private readonly deps: TrialDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { project, claim } = context;
    const { judge: policy, retest } = project.policy;
    if (!policy || JOBS[claim.job.kind].report !== 'judge')
      return givenBack(context, 'its gate is not configured any more');
    const candidate = await candidateFor(this.deps.git, context);
    if ('outcome' in candidate) return candidate.outcome;
    const suite = policy.run ?? retest;
    const change = await examine(this.deps.git, project.repository, candidate, { policy, suite });
    const command = trialDigest(this.deps, context, policy, suite);
    const isTried = policy.run !== null && change.files.some(({ weighs }) => weighs);
    const tried = isTried ? await runTrial(this.deps, context, { candidate, plan: change.plan, suite, command }) : null;
    switch (tried?.kind) {
      case 'aborted':
      case 'unwanted':
        return 'abandoned';
      case 'failed':
        return infraOutcome(this.deps, context, tried);
      case 'tried':
      case undefined:
        return this.found(context, candidate, { change, command, tried: tried ?? null });
    }
  }

  private async found(
    context: SagaContext,
    candidate: Candidate,
    {
      change,
      command,
      tried,
    }: {
      readonly change: ExaminedChange;
      readonly command: Digest;
      readonly tried: Extract<TrialOutcome, { kind: 'tried' }> | null;
    },
  ): Promise<SagaOutcome> {
    const { claim, project, task } = context;
    const { files, owners } = change;
    const trial = tried?.trial ?? null;
    const finding = findingOf(files, trial);
    const outcome: JudgeOutcome = { finding, files, protected: change.protected, trial };
    const facts = judgeFacts(outcome, owners);
    const isHeld = speaksAgainst(finding) || change.protected.length > 0;
    const page = isHeld ? await this.page(task, candidate, outcome, owners) : null;
    const weighing = files.filter(({ weighs }) => weighs);
    const seen = (isHeld ? weighing : []).slice(0, SEEN_LINES).map((file) => judgeLine(file, owners));
    // What is in doubt, or denied by a second run, is nothing to be known.
    const isKept = tried !== null && (finding === 'green' || finding === 'rewritten');
    const evidence: ReportEvidence = {
      ...facts,
      asked: project.policy.judge ? askedOfJudge(project.policy.judge) : {},
      base: isKept ? { oid: tried.trial.treeOid, report: tried.digest } : null,
      command,
      report: tried?.digest ?? (await this.deps.artifacts.put(JSON.stringify(facts))),
      ...(page === null ? {} : { output: page }),
      ...(seen.length === 0 ? {} : { seen }),
    };
    const artifact = page === null ? null : { name: JUDGE_ARTIFACT, digest: page };
    const data = { claim: claim.token, subjectOid: candidate.newOid, evidence, run: tried?.run ?? null };
    return { type: 'ReportEvidence', data: artifact ? { ...data, artifact } : data };
  }

  /** Both outputs, and beside them what the reviewer wrote. */
  private async page(
    task: SubmittedTask,
    { newOid, baseOid }: Candidate,
    outcome: JudgeOutcome,
    owners: ExaminedChange['owners'],
  ): Promise<Digest> {
    const own = task.merge?.artifact ?? task.verdicts['deploy-staging']?.artifact;
    const review = task.artifacts[artifactFile('review')]?.at(-1);
    const texts = { ownRun: await this.text(own?.digest), review: await this.text(review) };
    return this.deps.artifacts.put(renderJudge({ task: task.id, newOid, baseOid, outcome, owners, ...texts }));
  }

  private async text(digest: Digest | undefined): Promise<string | null> {
    const bytes = digest === undefined ? null : await this.deps.artifacts.get(digest);
    return bytes && new TextDecoder().decode(bytes);
  }
}
