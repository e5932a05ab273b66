import type { Ground } from '../../application/ports/ground';

/** Whether the process has taken up its work, and what keeps it from that. */
export class Readiness {
  /** Each is set once, in this order. */
  phase: 'starting' | 'ready' | 'stopping' = 'starting';
  /** What the start waits for, as a line for people; null while it goes on. */
  waitingFor: { readonly code: string; readonly line: string } | null = null;

  /** @param ground what it stands on; null where nobody looks. */
  constructor(readonly ground: Ground | null = null) {}
}
