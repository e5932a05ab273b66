import type { StoredEvent } from '../../src/application/ports/event-store';
import { seeded } from '../simulation/random';
import { wrongLandings } from './check-git';
import { brokenInvariants, gaps, heldTasks, lostAcknowledged } from './check-log';
import { leftRunning } from './check-processes';
import { differingReadModels } from './check-read-models';
import { Faults, type FaultKind } from './faults';
import type { ChaosOptions } from './options';
import { People } from './people';
import { Replica } from './replica';
import { Requests } from './requests';
import { untilAtRest } from './rest';
import { Site } from './site';
import { Tail } from './tail';
import { until } from './until';

/** What is demanded, and what of it was broken. */
export interface ChaosResult {
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly acknowledged: number;
  readonly unanswered: number;
  readonly refused: number;
  readonly submitted: number;
  readonly events: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly starts: number;
  readonly held: readonly string[];
  readonly faultSeconds: number;
  readonly restSeconds: number;
  readonly broken: Readonly<Record<string, readonly string[]>>;
  /** Kept when anything is broken. */
  readonly evidence: string | null;
}

/** Replicas up before the first fault, so that there is something to break. */
const UP_WITHIN_MS = 60_000;

export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<ChaosResult> {
  const site = await Site.open();
  const replicas = Array.from({ length: options.replicas }, (_, index) => new Replica(site, `replica-${index + 1}`));
  const tail = new Tail(site.url);
  try {
    for (const replica of replicas) replica.start();
    await until(() => replicas.every(({ url }) => url !== null), UP_WITHIN_MS);
    return await new Chaos(options, site, replicas, tail, say).run();
  } finally {
    site.server.thaw();
    await Promise.all(replicas.map((replica) => replica.kill()));
    await tail.stop();
    await site.close();
  }
}

class Chaos {
  private readonly requests: Requests;
  private readonly people: People;
  private readonly faults: Faults;

  constructor(
    private readonly options: ChaosOptions,
    private readonly site: Site,
    private readonly replicas: readonly Replica[],
    private readonly tail: Tail,
    private readonly say: (line: string) => void,
  ) {
    // Streams of their own: how fast answers come must not decide what breaks next.
    this.requests = new Requests(replicas, seeded(options.seed));
    this.people = new People(site, this.requests, tail, seeded(options.seed + 1));
    this.faults = new Faults(site, replicas, seeded(options.seed + 2));
  }

  async run(): Promise<ChaosResult> {
    const startedAt = performance.now();
    const working = new AbortController();
    const living = this.people.live(working.signal);
    await Promise.race([this.faults.make(this.options), living]);
    working.abort();
    await living;
    const healedAt = performance.now();
    this.say('no more faults: everything has to come to rest');
    for (const replica of this.replicas) replica.start();
    await this.people.releaseAll(AbortSignal.timeout(UP_WITHIN_MS));
    const stuck = await untilAtRest(this.site, this.replicas, this.tail);
    const restAt = performance.now();
    const running = new Set(this.replicas.flatMap(({ pid }) => pid ?? []));
    const atRest = leftRunning(this.site.folder, running);
    const exits = await Promise.all(this.replicas.map((replica) => replica.stop()));
    const left = [...atRest, ...leftRunning(this.site.folder, new Set())];
    const log = await this.log();
    const broken = { ...(await this.check(log, stuck)), 'processes left alive': left, ends: this.oddEnds(exits) };
    return {
      ...this.figures(log, broken),
      faultSeconds: (healedAt - startedAt) / 1_000,
      restSeconds: (restAt - healedAt) / 1_000,
    };
  }

  private async check(log: readonly StoredEvent[], moving: readonly string[]) {
    const { site, tail, requests, people } = this;
    const [row] = await site.query<{ position: string }>('select position from stagegate.head');
    await until(() => tail.events.length >= log.length, UP_WITHIN_MS).catch(() => undefined);
    const bringsMore = (task: string) => people.fates.get(task) === 'moves';
    return {
      'acknowledged and lost': lostAcknowledged(log, requests.acknowledged),
      'gaps in the log': gaps(log, BigInt(row?.position ?? -1), tail.events),
      'invariants broken': brokenInvariants(log),
      'landings lost or doubled': wrongLandings(log, site.repository, bringsMore),
      'tasks stuck': [...moving, ...heldTasks(log).stuck],
      'read models that differ': await differingReadModels(
        site,
        this.replicas.map(({ name }) => name),
      ),
      'answers out of place': requests.unexpected,
    };
  }

  private oddEnds(exits: readonly (number | null)[]): string[] {
    const wrong = this.replicas.flatMap(({ name, unexpectedEnds }, index) => [
      ...unexpectedEnds,
      ...(exits[index] === 0 ? [] : [`${name} was told to stop and ended with ${exits[index]}`]),
    ]);
    return wrong;
  }

  private figures(log: readonly StoredEvent[], broken: Readonly<Record<string, readonly string[]>>) {
    const { site, requests, people, faults, replicas, options } = this;
    const count = (type: string) => log.filter((event) => event.type === type).length;
    const isBroken = Object.values(broken).some((list) => list.length > 0);
    if (isBroken) {
      const events = log.map((event) => JSON.stringify(event, (_, value: unknown) => bigintAsText(value)));
      site.keepEvidence({
        'events.jsonl': `${events.join('\n')}\n`,
        'broken.json': JSON.stringify(broken, null, 2),
        seed: String(options.seed),
      });
    }
    return {
      faults: faults.made,
      acknowledged: requests.acknowledged.length,
      unanswered: requests.unanswered,
      refused: requests.refused,
      submitted: people.fates.size,
      events: log.length,
      counts: Object.fromEntries(COUNTED.map((type) => [type, count(type)])),
      starts: replicas.reduce((sum, { starts }) => sum + starts, 0),
      held: heldTasks(log).held,
      broken,
      evidence: isBroken ? site.folder : null,
    };
  }

  private async log(): Promise<readonly StoredEvent[]> {
    return this.tail.readAll();
  }
}

const COUNTED = [
  'TaskLanded',
  'VerdictRecorded',
  'TransitionClaimed',
  'TransitionReaped',
  'StaleResultRefused',
  'LandingLost',
  'RunDeferred',
  'TaskCancelled',
] as const;

function bigintAsText(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
