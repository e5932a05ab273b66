/** Whether the process has taken up its work; set once, at the end of the start. */
export class Readiness {
  isReady = false;
}
