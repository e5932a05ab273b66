import { isOfService } from '../../authority/principal';
import {
  checksIn,
  checksOf,
  colourAfter,
  contradicts,
  deliveriesIn,
  isContradicted,
  saidIn,
  TAKES_EVIDENCE,
} from '../../gates/outside-evidence';
import type { Instant } from '../../instant';
import type { JsonObject } from '../../json';
import { isObject } from '../../shape';
import { forgetFlakes, forgetInfra } from '../budgets/spending';
import type { Job } from '../job';
import { JOBS } from '../job-table';
import type { GateName } from '../pipeline';
import type { Change } from './stage-changes';
import type { ArtifactRef, TaskEventData } from '../task.events';
import {
  citedClaim,
  type Evidence,
  type MergeEvidence,
  type RedOnce,
  type SubmittedTask,
  type Verdict,
} from '../task.state';

const MERGE_GATE: Job = { kind: 'merge-gate' };

export function verdict(
  task: SubmittedTask,
  data: TaskEventData['VerdictRecorded'],
  at: Instant,
  policyDigest: string | null,
): Verdict {
  const recorded: Verdict & Pick<typeof data, 'claim'> = {
    artifact: data.artifact,
    at,
    baseOid: data.baseOid,
    cause: data.cause,
    claim: data.claim,
    environmentDigest: data.environmentDigest,
    passed: data.passed,
    policyDigest,
    producer: data.producer,
    revision: String(task.revision + 1n),
    runId: data.runId,
    source: data.source,
    stage: data.stage,
    status: data.status,
    subjectOid: data.subjectOid,
    suiteDigest: data.suiteDigest,
    treeOid: data.treeOid,
  };
  return recorded;
}

export function retested(
  task: SubmittedTask,
  retest: NonNullable<MergeEvidence['retest']>,
  artifact?: ArtifactRef,
): Change {
  const spent = forgetInfra(task.spent, MERGE_GATE);
  return {
    ...(artifact ? { artifacts: withArtifact(task, artifact) } : {}),
    claim: null,
    lockBusySince: null,
    merge: task.merge ? { ...task.merge, retest, ...(artifact ? { artifact } : {}) } : null,
    redOnce: null,
    spent: retest === 'inconclusive' ? spent : forgetFlakes(spent, MERGE_GATE),
  };
}

export function redOnce({ run, treeOid, suiteDigest }: TaskEventData['RedObserved']): RedOnce {
  const { exitCode, runId, tests } = run;
  const failed = tests?.failedNames ? { failed: tests.failedNames } : {};
  return { exitCode, ...failed, runId, suiteDigest, treeOid };
}

/** What was found is none about the change, and the job is to look again. */
export function withoutFinding({ verdicts, evidence }: SubmittedTask, { kind }: Job): Change {
  const { verdict: ofStage, report, gate } = JOBS[kind];
  if (report !== null && gate !== null) return { evidence: { ...evidence, [gate]: undefined } };
  const stage = ofStage?.stage;
  return stage ? { verdicts: { ...verdicts, [stage]: undefined } } : { merge: null };
}

export function withEvidence(task: SubmittedTask, data: TaskEventData['EvidenceRecorded']): Change {
  const { gate, claim, subjectOid, run, artifact } = data;
  if (claim === undefined) return { evidence: { ...task.evidence, [gate]: withCheck(task, data) } };
  const found: Evidence = {
    data: data.evidence,
    revision: String(task.revision + 1n),
    runId: run?.runId ?? null,
    subjectOid,
  };
  const known: Change = {
    evidence: { ...task.evidence, [gate]: found },
    ...(artifact ? { artifacts: withArtifact(task, artifact) } : {}),
  };
  const job = citedClaim(task, claim)?.job;
  return job ? { ...known, claim: null, lockBusySince: null, spent: forgetInfra(task.spent, job) } : known;
}

/** Checks of one commit gather, each as it was told last; those of another commit are over. */
function withCheck(task: SubmittedTask, { gate, subjectOid, evidence }: TaskEventData['EvidenceRecorded']): Evidence {
  const revision = String(task.revision + 1n);
  const isSame = task.evidence[gate]?.subjectOid === subjectOid;
  const checks = isSame ? Object.fromEntries(checksOf(task, gate)) : {};
  const [name, result] = [saidIn(evidence, 'name'), saidIn(evidence, 'result')];
  const before = Object.hasOwn(checks, name) ? checks[name] : undefined;
  const colour = colourAfter(before, result);
  const known = {
    ...(colour === '' ? {} : { colour }),
    ...(contradicts(before, result) ? { isContradicted: true } : {}),
  };
  return {
    data: {
      checks: { ...checks, [name]: { ...evidence, ...known, revision } },
      ...deliveriesAfter(isSame ? (task.evidence[gate] ?? null) : null, evidence),
    },
    revision,
    runId: null,
    subjectOid,
  };
}

/** More than CI says of a commit; the oldest go first. */
const MOST_DELIVERIES = 1_000;

/** Nothing where no webhook has brought anything, as in logs that are older than these. */
function deliveriesAfter(
  before: Evidence | null,
  { delivery }: JsonObject,
): { readonly deliveries?: readonly string[] } {
  const known = deliveriesIn(before);
  const digest = isObject(delivery) ? saidIn(delivery, 'digest') : '';
  const deliveries = digest === '' ? known : [...known, digest].slice(-MOST_DELIVERIES);
  return deliveries.length === 0 ? {} : { deliveries };
}

/** What outside said of the head holds for it wherever the task goes; what jobs found out about a candidate does not. */
export function evidenceOfHead({ evidence, headOid }: SubmittedTask): SubmittedTask['evidence'] {
  const isKept = (gate: GateName) => evidence[gate]?.subjectOid === headOid && evidence[gate].runId === null;
  return Object.fromEntries(TAKES_EVIDENCE.filter(isKept).map((gate) => [gate, evidence[gate]]));
}

/** A person who looks into what CI said of the commit lets it say the rest again. */
export function evidenceAfterVoid(
  task: SubmittedTask,
  { stage, by }: TaskEventData['VerdictVoided'],
): SubmittedTask['evidence'] {
  const kept = evidenceOfHead(task);
  return stage === 'development' && !isOfService(by) ? withoutContradictions(kept) : kept;
}

/** Of checks that contradict themselves nothing is known: CI says it anew. */
function withoutContradictions(known: SubmittedTask['evidence']): SubmittedTask['evidence'] {
  const entries = Object.entries(known).map(([gate, evidence]) => {
    const checks = [...checksIn(evidence)].filter(([, check]) => !isContradicted(check));
    return [gate, { ...evidence, data: { ...evidence.data, checks: Object.fromEntries(checks) } }];
  });
  return Object.fromEntries(entries) as SubmittedTask['evidence'];
}

export function withArtifact(task: SubmittedTask, artifact: ArtifactRef | null): SubmittedTask['artifacts'] {
  if (!artifact) return task.artifacts;
  const { name, digest } = artifact;
  return { ...task.artifacts, [name]: [...(task.artifacts[name] ?? []), digest] };
}
