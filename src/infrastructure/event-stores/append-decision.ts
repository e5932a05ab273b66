import type { ExpectedRevision } from '../../domain/fact';
import { EventIdReused, RevisionConflict, type AppendResult } from '../../application/ports/event-store';
import type { ValidAppend } from './validate-append';

/** What a store decided about one append. */
export type AppendDecision =
  | { readonly status: 'ok'; readonly revision: bigint; readonly position: bigint; readonly recordedAt: Date }
  | { readonly status: 'duplicate'; readonly revision: bigint; readonly position: bigint }
  | { readonly status: 'conflict'; readonly actual: ExpectedRevision }
  | { readonly status: 'id-reused' };

/** @throws RevisionConflict, EventIdReused */
export function answer({ stream, expected }: ValidAppend, decision: AppendDecision): AppendResult {
  switch (decision.status) {
    case 'conflict':
      throw new RevisionConflict(stream, expected, decision.actual);
    case 'id-reused':
      throw new EventIdReused(
        'STORE_EVENT_ID_REUSED',
        `${stream}: expected event ids that nobody has used, saw one that stands elsewhere in the log`,
      );
    case 'ok':
    case 'duplicate': {
      const { revision, position: commit } = decision;
      return { revision, position: { commit, prepare: commit }, duplicate: decision.status === 'duplicate' };
    }
  }
}
