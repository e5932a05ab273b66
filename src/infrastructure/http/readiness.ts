/** Whether the process has taken up its work, and what keeps it from that. */
export class Readiness {
  /** Set once, at the end of the start. */
  isReady = false;
  /** What the start waits for, as a line for people; null while it goes on. */
  waitingFor: { readonly code: string; readonly line: string } | null = null;

  /** @param isGroundThere whether the state folder is still the one that the process has started on. */
  constructor(readonly isGroundThere: () => boolean = () => true) {}
}
