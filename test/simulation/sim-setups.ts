import type { StoredEvent } from '../../src/application/ports/event-store';
import type { TaskEventData } from '../../src/domain/task/task.events';
import type { Violation } from '../support/violation';
import { seeded, type Random } from './random';
import { FAULTY_MS, type World } from './world';

/** The set-up of a project, where it has one: it fetches something, for which the network is not always there. */
export const SETUP = 'fetch';
const SETUP_MS = 500;
const FAILS = 0.2;

/** In some histories, drawn apart, suites have a set-up. */
export function hasSetups(seed: number): boolean {
  return seeded(seed ^ 0x5e70).chance(0.15);
}

/** Fails now and then, until the world heals; with random numbers of its own, so that the other histories stay as they are. */
export class SimSetups {
  readonly durationMs = SETUP_MS;
  private readonly random: Random;

  constructor(private readonly world: World) {
    this.random = seeded(world.seed ^ 0xfa11);
  }

  /** @returns what it prints when it fails; null when it does not. */
  fault(): string | null {
    if (this.world.scheduler.now >= FAULTY_MS || !this.random.chance(FAILS)) return null;
    return this.random.chance(0.5) ? 'npm error code ENOTFOUND\n' : 'npm error code E404\n';
  }
}

/**
 * I31: what a failure says is what happened. No change is sent back as red whose suite was not; none that was red is put down
 * to the machine.
 */
export function checkClasses(
  { executedRed }: Pick<World, 'executedRed'>,
  events: readonly StoredEvent[],
): readonly Violation[] {
  // A run that confirms another has the name of that one in front.
  const reds = [...executedRed];
  return events.flatMap(({ stream, revision, type, data }) => {
    const wrong = (detail: string): Violation => ({ invariant: 'I31', stream, revision, detail });
    if (type === 'VerdictRecorded') {
      const { source, cause, passed, runId, stage } = data as unknown as TaskEventData['VerdictRecorded'];
      // Polls are no suite, and need not even run.
      const isRed = source === 'runner' && cause === null && !passed && stage !== 'monitoring';
      return isRed && !reds.some((id) => id.startsWith(runId)) ? [wrong(`${runId} was not red`)] : [];
    }
    if (type !== 'ToolErrored') return [];
    const { run, failureClass } = data as unknown as TaskEventData['ToolErrored'];
    return run && executedRed.has(run.runId) ? [wrong(`${run.runId} was red, and is told as ${failureClass}`)] : [];
  });
}
