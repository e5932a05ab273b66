import type { StoredEvent } from '../../src/application/ports/event-store';
import { HealthProbe, type ProbeAsk, type Probed } from '../../src/application/ports/health-probe';
import { InfrastructureError } from '../../src/application/ports/infrastructure-error';
import type { RunSpec } from '../../src/application/ports/process-runner';
import type { ProjectSettings } from '../../src/infrastructure/config/project/project-settings';
import type { Violation } from '../support/violation';
import { seeded, type Random } from './random';
import type { SimProcess, World } from './world';

/** One history in four watches what it deploys, by a command or by a URL. Draws of its own, so that the others stay as they are. */
export function monitorOf(seed: number): Pick<ProjectSettings, 'monitor'> {
  const own = seeded(seed ^ 0x3017);
  if (!own.chance(0.25)) return {};
  const check = own.chance(0.5)
    ? ({ kind: 'command', command: 'health', graceMs: 1_000 } as const)
    : ({ kind: 'url', url: 'http://sim.example/health' } as const);
  return { monitor: { check, everyMs: 10_000, forMs: own.pick([10_000, 40_000]), timeoutMs: 5_000, failures: 2 } };
}

/** What is deployed, and how it answers. */
export class SimMonitors {
  /** Good answers that the world has given. */
  good = 0;
  private readonly random: Random;

  constructor(seed: number) {
    this.random = seeded(seed ^ 0x3018);
  }

  answer(): boolean {
    const isGood = this.random.chance(0.8);
    if (isGood) this.good += 1;
    return isGood;
  }

  takesMs(): number {
    return Math.round(this.random.between(5, 4_000));
  }

  /** Whether the machine that asks fails. */
  fails(areFaultsOn: boolean): boolean {
    return this.random.chance(areFaultsOn ? 0.15 : 0);
  }
}

/** @returns null for what is no poll. */
export function exitOfCheck({ monitors }: World, { env }: RunSpec): number | null {
  if (env['STAGEGATE_MONITOR_PROJECT'] === undefined) return null;
  return monitors.answer() ? 0 : 7;
}

export class SimProbe extends HealthProbe {
  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
  ) {
    super();
  }

  probe({ signal }: ProbeAsk): Promise<Probed> {
    const { scheduler, monitors, faults } = this.world;
    return new Promise((resolve, reject) => {
      const cancel = scheduler.schedule(this.process, monitors.takesMs(), () => {
        signal.removeEventListener('abort', stop);
        if (monitors.fails(faults.areOn)) reject(new InfrastructureError('PROBE_NO_ROUTE', 'ENETUNREACH'));
        else if (monitors.answer()) resolve({ kind: 'answered', status: 200, text: 'ok' });
        else resolve({ kind: 'no-answer', detail: 'the connection was refused' });
      });
      const stop = () => {
        cancel();
        resolve({ kind: 'aborted' });
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  }
}

/** I43: no poll is good that nothing has answered. What the log alone tells is in `checkMonitor`. */
export function checkMonitors({ monitors }: World, events: readonly StoredEvent[]): readonly Violation[] {
  const good = events.filter(({ type, data }) => type === 'MonitorPolled' && data['ok'] === true).length;
  if (good <= monitors.good) return [];
  const detail = `${good} polls are good, and there were ${monitors.good} good answers`;
  return [{ invariant: 'I43', stream: '-', revision: 0n, detail }];
}
