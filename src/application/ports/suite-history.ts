/** What a suite usually takes: medians of its recent green runs. */
export interface SuiteBaseline {
  readonly wallMs: number;
  /** Processors that it kept busy on average. */
  readonly ownCores: number;
}

/** What is known of earlier runs. A hint for judging timeouts, never a condition: whatever fails here, there is none. */
export abstract class SuiteHistory {
  /** @param job job key: `staging-suite`, `merge-gate`. @returns null when too few runs were green. Never rejects. */
  abstract baseline(project: string, job: string): Promise<SuiteBaseline | null>;
}
