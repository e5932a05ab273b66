/** What suites and agents get from the machine. */
export abstract class HostEnvironment {
  /** The named variables that are set. Nothing else of the service's environment reaches a run. */
  abstract pick(names: readonly string[]): Readonly<Record<string, string>>;
  /** Operating system and release: part of what a verdict depends on. */
  abstract readonly release: string;
  /** Isolation level that runs get at the moment; part of it too. */
  abstract readonly isolation: string;
  /** File that takes the whole output of a run. */
  abstract logFile(runId: string): string;
}
