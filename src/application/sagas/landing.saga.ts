import type { Followed, LandingIntent } from '../../domain/task/task.events';
import type { ArtifactStore } from '../ports/artifact-store';
import type { LogIdentity } from '../log-identity';
import type { GitWorkspace, Landing, LandingOutcome, LaneLease } from '../ports/git-workspace';
import type { SetupCache } from '../ports/setup-cache';
import { UNWATCHED, type Telemetry } from '../ports/telemetry';
import { serviceFailure } from './classified';
import type { Saga, SagaContext, SagaOutcome } from './saga';
import { checkEvidence } from './staging-evidence';

export interface LandingDeps {
  readonly git: GitWorkspace;
  readonly artifacts: ArtifactStore;
  readonly log: LogIdentity;
  readonly setups: SetupCache;
  readonly telemetry?: Telemetry;
}

/** Moves main, once. From the transaction on only git knows how it went: whatever is unclear is left to the recovery. */
export class LandingSaga implements Saga {
  constructor(private readonly deps: LandingDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { task, claim, project } = context;
    const intent = claim.landing;
    if (!intent) throw new Error(`claim ${claim.token} of ${task.id} is for a landing without an intent`);
    const forged = await checkEvidence(this.deps.artifacts, context);
    if (forged) return forged;
    const grant = { task: task.id, epoch: intent.epoch, log: await this.deps.log.name() };
    const lease = await this.deps.git.takeEpoch(project.repository, grant);
    const outcome = await this.land(context, intent, lease);
    if (outcome.kind === 'landed') await this.deps.setups.offer(task.project, intent.treeOid);
    return this.report(context, outcome);
  }

  private land(context: SagaContext, intent: LandingIntent, lease: LaneLease): Promise<LandingOutcome> {
    const { git, telemetry = UNWATCHED } = this.deps;
    const { repository, policy } = context.project;
    return telemetry.step('landing', { project: policy.project }, async (note) => {
      const outcome = await git.land(repository, landingOf(context, intent, lease));
      note({ outcome: outcome.kind });
      return outcome;
    });
  }

  private async report({ task, claim, project }: SagaContext, outcome: LandingOutcome): Promise<SagaOutcome> {
    switch (outcome.kind) {
      case 'landed':
        return { type: 'ReportLanded', data: { claim: claim.token, recovered: false, ...filesOf(outcome) } };
      case 'head-moved': {
        const heads = await this.deps.git.heads(project.repository, [task.branch]);
        const headOid = heads.get(task.branch) ?? null;
        return { type: 'ReportLandingLost', data: { claim: claim.token, reason: outcome.kind, headOid } };
      }
      case 'main-moved':
      case 'epoch-lost':
        return { type: 'ReportLandingLost', data: { claim: claim.token, reason: outcome.kind, headOid: null } };
      case 'candidate-lost':
        // Nothing was moved, and the merge gate makes another one.
        return { type: 'ReportLandingLost', data: { claim: claim.token, reason: 'interrupted', headOid: null } };
      case 'lock-busy':
        return lockBusy(claim.token, outcome.detail);
    }
  }
}

/** Asks git how an interrupted landing ended. Its own, newer epoch shuts out whoever may still be about to land. */
export class LandingRecoverySaga implements Saga {
  constructor(private readonly deps: Omit<LandingDeps, 'artifacts'>) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { task, claim, project } = context;
    const intent = task.interruptedLanding?.intent;
    if (!intent || !claim.laneEpoch) throw new Error(`${task.id} has no interrupted landing to recover`);
    const grant = { task: task.id, epoch: claim.laneEpoch, log: await this.deps.log.name() };
    const lease = await this.deps.git.takeEpoch(project.repository, grant);
    const outcome = await this.deps.git.recoverLanding(project.repository, landingOf(context, intent, lease));
    if (outcome.kind === 'landed') await this.deps.setups.offer(task.project, intent.treeOid);
    switch (outcome.kind) {
      case 'landed':
        return { type: 'ReportLanded', data: { claim: claim.token, recovered: true, ...filesOf(outcome) } };
      case 'not-landed':
        return { type: 'ReportLandingLost', data: { claim: claim.token, reason: 'interrupted', headOid: null } };
      case 'lock-busy':
        return lockBusy(claim.token, outcome.detail);
    }
  }
}

function landingOf({ task, claim }: SagaContext, intent: LandingIntent, lease: LaneLease): Landing {
  const { headOid, newOid, baseOid } = intent;
  return { task: task.id, branch: task.branch, headOid, newOid, baseOid, lease, claimRevision: claim.token };
}

function filesOf({ followed }: { readonly followed?: Followed }): { readonly followed?: Followed } {
  return followed ? { followed } : {};
}

function lockBusy(claim: string, detail: string): SagaOutcome {
  const failed = serviceFailure('GIT_LOCKED', detail, 'landing');
  return { type: 'ReportInfraFailure', data: { claim, ...failed, run: null, exhaustedArtifact: null } };
}
