/** What `stagegate` ends with. Part of its interface: scripts branch on these (docs/cli.md). */
export const EXIT = {
  ok: 0,
  internal: 1,
  /** Wrong arguments, wrong configuration, or something the user has to put right first. */
  usage: 2,
  /** `doctor`, `audit landings`, `audit verify`: it did look, and something is not as it has to be. */
  unhealthy: 3,
  /** It did what it was asked, and its result could not be written to stdout. */
  unwritten: 4,
  rolledBack: 10,
  conflict: 11,
  held: 12,
  stale: 13,
  cancelled: 14,
  /** `exec`: the command did not execute, as with `timeout` and container runtimes. */
  toolError: 125,
  /** The terminal it ran in is gone (SIGHUP). */
  hungUp: 129,
  interrupted: 130,
} as const;
