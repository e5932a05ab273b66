import type { Digest, Oid } from '../ids';

/** Everything a green verdict depended on. Equal proofs mean that running again would test the same thing again. */
export interface SkipProof {
  readonly treeOid: Oid;
  readonly baseOid: Oid;
  readonly suiteDigest: Digest;
  readonly environmentDigest: Digest;
  readonly policyDigest: Digest;
  /** Revision of the `VerdictRecorded` that the proof rests on. */
  readonly verdictRevision: string;
}

export interface GreenVerdict {
  readonly revision: string;
  readonly headOid: Oid;
  readonly treeOid: Oid;
  readonly baseOid: Oid;
  readonly suiteDigest: Digest;
  readonly environmentDigest: Digest;
  readonly policyDigest: Digest;
}

/** What a recorded verdict says; an agent's leaves most of it open. */
interface RecordedVerdict {
  readonly revision: string;
  readonly passed: boolean;
  readonly subjectOid: Oid | null;
  readonly treeOid: Oid | null;
  readonly baseOid: Oid | null;
  readonly suiteDigest: Digest | null;
  readonly environmentDigest: Digest | null;
  readonly policyDigest: Digest | null;
}

/** @returns null unless the verdict is green and names everything it depended on: an agent's proves nothing. */
export function greenVerdict(verdict: RecordedVerdict | undefined): GreenVerdict | null {
  if (!verdict?.passed) return null;
  const { revision, subjectOid: headOid, treeOid, baseOid, suiteDigest, environmentDigest, policyDigest } = verdict;
  if (!headOid || !treeOid || !baseOid || !suiteDigest || !environmentDigest || !policyDigest) return null;
  return { revision, headOid, treeOid, baseOid, suiteDigest, environmentDigest, policyDigest };
}

/** What is about to be re-tested. */
export interface RetestSubject {
  readonly headOid: Oid;
  readonly treeOid: Oid;
  readonly baseOid: Oid;
  /** The head already contains main's commit, so a rebase would change nothing. */
  readonly containsBase: boolean;
  readonly suiteDigest: Digest;
  readonly environmentDigest: Digest;
  readonly policyDigest: Digest;
}

/**
 * Decides whether the re-test is needless. Any difference, even one that probably does not matter, means no.
 *
 * @returns the proof to record, or null when the re-test must run.
 */
export function proveSkip(verdict: GreenVerdict | null, subject: RetestSubject): SkipProof | null {
  if (!verdict || !subject.containsBase || verdict.headOid !== subject.headOid) return null;
  const keys = ['treeOid', 'baseOid', 'suiteDigest', 'environmentDigest', 'policyDigest'] as const;
  if (keys.some((key) => verdict[key] !== subject[key])) return null;
  return {
    treeOid: subject.treeOid,
    baseOid: subject.baseOid,
    suiteDigest: subject.suiteDigest,
    environmentDigest: subject.environmentDigest,
    policyDigest: subject.policyDigest,
    verdictRevision: verdict.revision,
  };
}
