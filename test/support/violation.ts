import type { StoredEvent } from '../../src/application/ports/event-store';

/** A promise that a log breaks, and where. */
export interface Violation {
  readonly invariant: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly detail: string;
}

/** Notes what an event breaks. */
export function noting(
  violations: Violation[],
  invariant: string,
  { stream, revision, type }: StoredEvent,
): (detail: string) => void {
  return (detail) => {
    violations.push({ invariant, stream, revision, detail: `${type}: ${detail}` });
  };
}
