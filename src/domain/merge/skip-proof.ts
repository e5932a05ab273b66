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
