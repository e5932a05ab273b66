/** Work that takes time. */
export type StepName = 'request' | 'append' | 'job' | 'run' | 'landing' | 'delivery';
/** What only happens, and is counted. */
export type HappeningName = 'gate' | 'hook' | 'stream-ended' | 'stream-refused';
/** Names and numbers of ours, never what somebody else has said: they are shown to whoever watches. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Tells whoever watches from outside what is done here, and how long it takes. Changes nothing of it. */
export abstract class Telemetry {
  /**
   * Does `work` as one step of what is under way.
   *
   * @param work is given a way to note facts that are known at its end only, such as how it went.
   */
  abstract step<T>(name: StepName, facts: Facts, work: (note: (facts: Facts) => void) => Promise<T>): Promise<T>;
  abstract happened(name: HappeningName, facts: Facts): void;
}

class Unwatched extends Telemetry {
  step<T>(_: StepName, __: Facts, work: (note: (facts: Facts) => void) => Promise<T>): Promise<T> {
    return work(() => undefined);
  }

  happened(): void {
    // Nobody watches.
  }
}

/** For whoever is not watched: a command, a test. */
export const UNWATCHED: Telemetry = new Unwatched();
