import type { Digest, Oid } from '../../domain/ids';
import type { GateName } from '../../domain/task/pipeline';

/** Which report of which commit, made by what. */
export interface ReportKey {
  readonly project: string;
  readonly gate: GateName;
  readonly oid: Oid;
  /** Of the command and everything else that it depends on but the commit. */
  readonly command: Digest;
}

/** Reports that are kept among the artifacts. A hint that spares a run, never a condition: whatever fails here, there is none. */
export abstract class ReportHistory {
  /** @returns the digest of the report; null when none is known. Never rejects. */
  abstract find(key: ReportKey): Promise<Digest | null>;
}
