import { ruleOf } from '../../domain/failures/by-rule';
import { greenVerdict, proveSkip } from '../../domain/merge/skip-proof';
import type { Oid } from '../../domain/ids';
import { RETEST_LOG } from '../../domain/staging/suite-log';
import { RETEST_ARTIFACT } from '../../domain/task/pipeline';
import type { RebaseNotes } from '../../domain/task/task.events';
import type { FetchedHeads, GitWorkspace, RebaseOutcome } from '../ports/git-workspace';
import { runConfirmed } from './confirmed-suite';
import { infraOutcome, type InfraReportDeps } from './infra-report';
import { lostMarkers } from './lost-markers';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { checkEvidence } from './staging-evidence';
import { fetchSubject } from './subject';
import { keepSuiteLog } from './suite-artifact';
import { environmentDigest, isolationNow, suiteDigest, type SuiteDeps } from './suite-run';

export interface MergeGateDeps extends SuiteDeps, InfraReportDeps {
  readonly git: GitWorkspace;
}

/** The commit that would land: the head on top of main's commit. */
interface Candidate {
  readonly headOid: Oid;
  readonly baseOid: Oid;
  readonly newOid: Oid;
  readonly treeOid: Oid;
  readonly notes?: RebaseNotes;
}

/** Rebases onto main's commit and tests what would land, unless that very thing is proven green already. */
export class MergeGateSaga implements Saga {
  constructor(private readonly deps: MergeGateDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const forged = await checkEvidence(this.deps.artifacts, context);
    if (forged) return forged;
    const heads = await fetchSubject(this.deps.git, context);
    if ('stale' in heads) return heads.stale;
    const { headOid, baseOid } = heads;
    if (heads.alreadyInMain) return nothingToLand(context, heads);
    if (heads.containsBase) return this.alreadyOnBase(context, heads);
    const { project, task, claim } = context;
    const rebased = await this.deps.git.rebase(project.repository, {
      task: task.id,
      branch: task.branch,
      headOid,
      baseOid,
      identity: project.policy,
    });
    const notes = notesIn(rebased);
    switch (rebased.kind) {
      case 'conflict':
        return { type: 'ReportConflict', data: { claim: claim.token, headOid, baseOid, paths: rebased.paths } };
      case 'nothing-left':
        return nothingToLand(context, heads, notes);
      case 'rebased':
        return this.retest(context, { headOid, baseOid, newOid: rebased.newOid, treeOid: rebased.treeOid, ...notes });
    }
  }

  /** A rebase would change nothing, so the candidate is the head itself. */
  private async alreadyOnBase(context: SagaContext, heads: FetchedHeads): Promise<SagaOutcome> {
    const { task, claim, project } = context;
    const { headOid, baseOid } = heads;
    const { treeOid } = await this.deps.git.keepCandidate(project.repository, task.id, headOid);
    const candidate = { headOid, baseOid, newOid: headOid, treeOid };
    const { retest } = project.policy;
    const proof = context.switches.mergeRetestSkipWhenCurrent
      ? proveSkip(greenVerdict(task.verdicts['deploy-staging']), {
          headOid,
          treeOid,
          baseOid,
          containsBase: true,
          suiteDigest: suiteDigest(this.deps.hasher, retest),
          environmentDigest: environmentDigest(
            this.deps,
            retest,
            isolationNow(this.deps, context.switches.subprocessTreeKill),
          ),
          policyDigest: project.policyDigest,
        })
      : null;
    if (!proof) return this.retest(context, candidate);
    if (!(await record(context, candidate))) return 'abandoned';
    const lost = await lostMarkers(this.deps.git, context, candidate);
    if (lost) return lost;
    return { type: 'ReportRetestSkipped', data: { claim: claim.token, proof } };
  }

  private async retest(context: SagaContext, candidate: Candidate): Promise<SagaOutcome> {
    if (!(await record(context, candidate))) return 'abandoned';
    const lost = await lostMarkers(this.deps.git, context, candidate);
    if (lost) return lost;
    const { claim, project } = context;
    const { newOid, baseOid, treeOid } = candidate;
    const { retest: suite } = project.policy;
    const cloneAs = (name: string) =>
      this.deps.git.disposableClone(project.repository, { oid: newOid, baseOid, depth: suite.checkoutDepth, name });
    const judged = { suite, treeOid, containsMain: true, isWanted: () => true, cloneAs };
    const outcome = await runConfirmed(this.deps, context, judged, await cloneAs(claim.runId));
    if (outcome.kind === 'aborted' || outcome.kind === 'unwanted') return 'abandoned';
    if (outcome.kind === 'failed') return infraOutcome(this.deps, context, outcome);
    const artifact = await keepSuiteLog(this.deps, context, {
      ...outcome,
      logKind: RETEST_LOG,
      suite,
      artifact: RETEST_ARTIFACT,
      subjectOid: newOid,
      candidate: { baseOid, treeOid },
    });
    const { suiteDigest: digest, environmentDigest: environment } = outcome.tested;
    const digests = { suiteDigest: digest, environmentDigest: environment };
    return {
      type: 'ReportRetest',
      data: {
        claim: claim.token,
        run: outcome.run,
        newOid,
        baseOid,
        treeOid,
        ...digests,
        artifact,
        ...ruleOf(outcome),
      },
    };
  }
}

function record({ claim, record: store }: SagaContext, candidate: Candidate): Promise<boolean> {
  return store({ type: 'RecordRebase', data: { claim: claim.token, ...candidate } });
}

function notesIn(rebased: RebaseOutcome): Pick<Candidate, 'notes'> {
  return 'notes' in rebased ? { notes: rebased.notes } : {};
}

function nothingToLand(
  { claim }: SagaContext,
  { headOid, baseOid }: FetchedHeads,
  notes: Pick<Candidate, 'notes'> = {},
): SagaOutcome {
  return { type: 'ReportNothingToLand', data: { claim: claim.token, headOid, baseOid, ...notes } };
}
