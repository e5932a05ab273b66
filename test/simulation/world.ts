import { SimFaults } from './faults';
import { SimFlakes } from './sim-flakes';
import { SimStorm } from './sim-storms';
import { SimWitness } from './sim-witness';
import { seeded, type Random } from './random';
import type { Deploy } from './sim-deploys';
import { SimMonitors } from './sim-monitors';
import { hasSwitches, ToldSwitches } from './sim-switches';
import { Scheduler, type Owner } from './scheduler';

/** A simulated operating-system process that runs one replica of the service. */
export interface SimProcess extends Owner {
  readonly worker: string;
  readonly host: string;
  /** How far its wall clock is off, milliseconds. */
  readonly skewMs: number;
  /** Streams to which it has appended without ever hearing an answer: it may own there what it does not know of. */
  readonly unsure: Set<string>;
  /** Since it was told to stop: streams that it has asked for without hearing an answer. */
  readonly unheard: Set<string>;
  readonly told: ToldSwitches;
}

/** 2026-01-01T00:00:00Z, so that instants look like instants. */
export const EPOCH_MS = 1_767_225_600_000;
/** The one project of a history. */
export const PROJECT = 'sim';
/** How long faults go on: enough for crashes, reaps and exhausted budgets. */
export const FAULTY_MS = 8 * 60_000;

/** What all parts of one simulated history share. */
export class World {
  readonly random: Random;
  readonly scheduler = new Scheduler();
  readonly faults: SimFaults;
  readonly flakes: SimFlakes;
  readonly storm: SimStorm;
  readonly witness: SimWitness;
  readonly processes: SimProcess[] = [];
  readonly trace: string[] = [];
  /** Whether people set switches in this history. */
  readonly hasSwitches: boolean;
  /** Runs that began in a process that had been told that the staging-runner is off. */
  readonly spawnedWhileOff = new Set<string>();
  /** Runs of suites that executed and were red. */
  readonly executedRed = new Set<string>();
  /** Runs that infrastructure ended. */
  infraDeaths = 0;
  /** Deploy commands in the order in which they were started. */
  readonly deploys: Deploy[] = [];
  readonly deployRandom: Random;
  readonly monitors: SimMonitors;
  /** Called when somebody has claimed something. */
  onClaim: () => void = () => undefined;
  /** By host: how far its wall clock was set, milliseconds. */
  readonly clocks = new Map<string, number>();

  constructor(
    readonly seed: number,
    readonly isTracing: boolean,
    readonly rate: number | null = null,
  ) {
    this.random = seeded(seed);
    this.faults = new SimFaults(this.random, seed, rate);
    this.hasSwitches = hasSwitches(seed);
    this.flakes = new SimFlakes(seed, rate);
    this.storm = new SimStorm(seed);
    this.witness = new SimWitness(seed);
    this.deployRandom = seeded(seed ^ 0xdeb2);
    this.monitors = new SimMonitors(seed);
  }

  spawn(host: string): SimProcess {
    const process: SimProcess = {
      worker: `${host}/boot/ns/${this.processes.length + 1}/${Math.round(this.scheduler.now)}`,
      host,
      alive: true,
      pausedUntil: 0,
      skewMs: Math.round(this.random.between(-2_000, 2_000)),
      unsure: new Set(),
      unheard: new Set(),
      told: new ToldSwitches(),
    };
    this.processes.push(process);
    return process;
  }

  /** The same world for a part that draws for itself: with it or without it, everything else goes the same way. */
  apart(salt: number): World {
    const random = seeded(this.seed ^ salt);
    const own = { random: { value: random }, faults: { value: this.faults.apart(random) } };
    return Object.create(this, own) as World;
  }

  /** A process beside another one on its host: it dies and pauses with it, and may die before. */
  spawnWith(main: SimProcess): SimProcess {
    const process = this.spawn(main.host);
    let isAlive = true;
    return Object.defineProperties(process, {
      alive: {
        get: () => isAlive && main.alive,
        set: (alive: boolean) => {
          isAlive = alive;
        },
      },
      pausedUntil: { get: () => main.pausedUntil },
    });
  }

  /** What the clock on the wall of the process's host says. */
  wallMs({ host, skewMs }: SimProcess): number {
    return EPOCH_MS + Math.round(this.scheduler.now) + skewMs + (this.clocks.get(host) ?? 0);
  }

  isDead(worker: string): boolean {
    return this.processes.some((process) => process.worker === worker && !process.alive);
  }

  /**
   * One request of a process to something outside: it travels, takes effect (perhaps), and the answer travels back
   * (perhaps). `lost` makes the error that the process sees when either way fails; null when that cannot happen.
   */
  request<T>(
    process: SimProcess,
    label: string,
    effect: () => T | Promise<T>,
    lost: (() => Error) | null,
    tookMs = 0,
  ): Promise<T> {
    const { random, scheduler, faults } = this;
    return new Promise<T>((resolve, reject) => {
      const fate = lost ? faults.fateOfRequest() : 'delivered';
      const arrive = () => {
        if (fate === 'request-lost') {
          scheduler.schedule(process, faults.timeoutMs(), () => {
            reject(lost?.() ?? new Error('lost'));
          });
          return;
        }
        void Promise.resolve()
          .then(effect)
          .then(
            (value) => ({ ok: true as const, value }),
            (error: unknown) => ({ ok: false as const, error: error as Error }),
          )
          .then((result) => {
            this.note(`${process.worker} ${label} ${result.ok ? 'ok' : result.error.message} ${fate}`);
            scheduler.schedule(
              process,
              tookMs + faults.latencyMs() + (fate === 'answer-lost' ? faults.timeoutMs() : 0),
              () => {
                if (fate === 'answer-lost') reject(lost?.() ?? new Error('lost'));
                else if (result.ok) resolve(result.value);
                else reject(result.error);
              },
            );
          });
      };
      // A request that is on its way arrives even if its sender dies meanwhile.
      scheduler.schedule(null, random.between(0, 1) + faults.latencyMs(), arrive);
    });
  }

  note(text: string): void {
    if (this.isTracing) this.trace.push(`${(this.scheduler.now / 1000).toFixed(3)} ${text}`);
  }
}
