import { colourOf, findingOf, type ColourSeen } from '../../merge/colours';
import { causeOf, witnessFinding } from '../../witness/witness-finding';
import type { WitnessFinding } from '../../witness/witness-reasons';
import { confirmsRed, seenBefore, type TestedTree } from '../seen-before';
import { openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { JOBS } from '../job-table';
import type { TaskCommandData } from '../task.commands';
import type { ByRule, ClaimToken, RunRecord } from '../task.events';
import type { OpenClaim } from '../task.state';

/** A fact on the way: the suite was red on this tree and runs once more, by this claim or, should it end, by the next one. */
export function redSeen(draft: Draft, { claim: token, ...seen }: TaskCommandData['RecordRed']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  const { kind } = claim.job;
  if (kind !== 'merge-gate' && JOBS[kind].verdict === null)
    return reject('wrong-job', `the open claim is for ${kind}, which runs no suite`);
  draft.add({ type: 'RedObserved', data: { claim: token, job: claim.job, ...seen } });
  return accept(draft.events);
}

export type Judged =
  | { readonly finding: 'green' | 'red' | 'inconclusive'; readonly before: ColourSeen | null; readonly witness: null }
  /** What the count of its tests says of a suite that would else be a verdict. */
  | { readonly finding: 'inconclusive' | 'not-executed'; readonly before: null; readonly witness: WitnessFinding }
  | { readonly finding: 'unconfirmed' };

/** What the run of a claim means, with what is recorded about the same tree. */
export function judged(draft: Draft, { job }: OpenClaim, run: RunRecord & ByRule, tree: TestedTree): Judged {
  const { policy, surroundings } = draft.context;
  const witness = witnessFinding(run, JOBS[job.kind].verdict?.suite(policy) ?? policy.retest);
  const byWitness = witness && ({ finding: causeOf(witness), before: null, witness } as const);
  // Its tool found no tests: an exit code that says so is no colour.
  if (byWitness && run.exitCode !== 0) return byWitness;
  const isConfirmed = confirmsRed(job, policy, surroundings.switches);
  const before = seenBefore(draft.task, tree, isConfirmed);
  const finding = findingOf(colourOf(run), before, isConfirmed);
  if (finding === 'unconfirmed') return { finding };
  return byWitness && finding === 'green' ? byWitness : { finding, before, witness: null };
}

/** A worker that took a single red for the answer, as it was told when it asked: the next claim runs the suite once more. */
export function toConfirm(
  draft: Draft,
  { job, token }: { readonly job: OpenClaim['job']; readonly token: ClaimToken },
  run: RunRecord,
  { treeOid, suiteDigest }: TestedTree,
): Decision {
  draft.add(
    { type: 'RedObserved', data: { claim: token, job, run, treeOid, suiteDigest } },
    { type: 'ClaimReleased', data: { claim: token, reason: 'a red runs once more before it counts' } },
  );
  return accept(draft.events);
}
