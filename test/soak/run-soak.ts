import { setTimeout as delay } from 'node:timers/promises';
import { wrongLandings } from '../chaos/check-git';
import { brokenInvariants, heldTasks } from '../chaos/check-log';
import { leftRunning } from '../chaos/check-processes';
import { People } from '../chaos/people';
import { Replica } from '../chaos/replica';
import { Requests } from '../chaos/requests';
import { untilAtRest } from '../chaos/rest';
import { Site, PROJECT } from '../chaos/site';
import { Tail } from '../chaos/tail';
import { until } from '../chaos/until';
import { seeded } from '../simulation/random';
import { Meddler } from './meddler';
import { Memory, MOST_GROWTH, type MemoryUse } from './memory';
import { OddProjects } from './odd-projects';
import { OddRequests } from './odd-requests';
import { OddTasks } from './odd-tasks';
import type { SoakOptions } from './options';

const UP_WITHIN_MS = 60_000;
/** What docs/operations.md promises, and a margin for a machine that is busy with the soak itself. */
const STOP_WITHIN_MS = 60_000;

export interface SoakResult {
  readonly counts: Readonly<Record<string, number>>;
  readonly memory: readonly MemoryUse[];
  /** From SIGTERM, with runs and slow requests under way, to the end of the process. */
  readonly stopSeconds: readonly number[];
  readonly broken: Readonly<Record<string, readonly string[]>>;
  /** Kept when anything is broken. */
  readonly evidence: string | null;
}

/** Ordinary work of a project, and beside it everything that ever kept a service busy for ever or broke it. */
export async function runSoak(options: SoakOptions, say: (line: string) => void): Promise<SoakResult> {
  const projects: OddProjects[] = [];
  const site = await Site.open((folder) => {
    const made = new OddProjects(folder);
    projects.push(made);
    return made.settings;
  });
  const replicas = Array.from(
    { length: options.replicas },
    (_, index) => new Replica(site, `replica-${index + 1}`, []),
  );
  const tail = new Tail(site.url);
  try {
    for (const replica of replicas) replica.start();
    await until(() => replicas.every(({ url }) => url !== null), UP_WITHIN_MS);
    const [odd] = projects;
    if (!odd) throw new Error('the odd projects were not made');
    return await new Soak(options, site, odd, replicas, tail, say).run();
  } finally {
    await Promise.all(replicas.map((replica) => replica.kill()));
    await tail.stop();
    await site.close();
  }
}

class Soak {
  private readonly requests: Requests;
  private readonly people: People;
  private readonly oddTasks: OddTasks;
  private readonly oddRequests: OddRequests;
  private readonly meddler: Meddler;
  private readonly memory: Memory;

  constructor(
    private readonly options: SoakOptions,
    private readonly site: Site,
    odd: OddProjects,
    private readonly replicas: readonly Replica[],
    private readonly tail: Tail,
    private readonly say: (line: string) => void,
  ) {
    const { seed } = options;
    this.requests = new Requests(replicas, seeded(seed));
    this.people = new People(site, this.requests, tail, seeded(seed + 1));
    this.oddTasks = new OddTasks(odd, this.requests, tail, seeded(seed + 2));
    this.oddRequests = new OddRequests(replicas, seeded(seed + 3));
    this.meddler = new Meddler(site, replicas, seeded(seed + 4));
    this.memory = new Memory(replicas);
  }

  async run(): Promise<SoakResult> {
    const time = AbortSignal.timeout(this.options.seconds * 1_000);
    const { people, oddTasks, oddRequests, meddler, memory } = this;
    await Promise.all([people, oddTasks, oddRequests, meddler].map((one) => one.live(time)).concat(memory.watch(time)));
    this.say('no more input: everything has to come to rest');
    await people.releaseAll(AbortSignal.timeout(UP_WITHIN_MS));
    await oddTasks.finish();
    const stuck = await untilAtRest(this.site, this.replicas, this.tail);
    const log = await this.tail.readAll();
    this.say('stopping, with slow requests under way');
    const stops = await this.stopAll();
    oddRequests.endSlow();
    const broken = this.check(log, [...stuck, ...heldTasks(log).stuck.filter(isOrdinary)], stops);
    const evidence = Object.values(broken).some((list) => list.length > 0) ? this.site.folder : null;
    if (evidence !== null) this.site.keepEvidence({ 'broken.json': JSON.stringify(broken, null, 2) });
    return {
      counts: this.counts(log),
      memory: memory.use(),
      stopSeconds: stops.map(({ seconds }) => seconds),
      broken,
      evidence,
    };
  }

  private async stopAll() {
    return Promise.all(
      this.replicas.map(async (replica) => {
        const startedAt = performance.now();
        const code = await Promise.race([replica.stop(), delay(STOP_WITHIN_MS, 'not at all' as const)]);
        return { name: replica.name, code, seconds: (performance.now() - startedAt) / 1_000 };
      }),
    );
  }

  private check(
    log: Awaited<ReturnType<Tail['readAll']>>,
    stuck: readonly string[],
    stops: Awaited<ReturnType<Soak['stopAll']>>,
  ): SoakResult['broken'] {
    const { people, oddTasks, oddRequests, meddler, requests, replicas, site } = this;
    const grown = this.memory.use().filter(({ early, late }) => !(late <= early * MOST_GROWTH));
    return {
      'ordinary tasks that did not end as they should': stuck,
      'odd tasks that ended otherwise': oddTasks.wrongEnds,
      'invariants broken': brokenInvariants(log),
      'landings lost or doubled': wrongLandings(
        log.filter(({ stream }) => isOrdinary(stream)),
        site.repository,
        (task) => people.fates.get(task) === 'moves',
      ),
      'answers out of place': [...requests.unexpected, ...oddRequests.unexpected, ...meddler.unexpected],
      'planted commands that git ran': meddler.hasCanary ? ['the canary is there'] : [],
      'memory that grew': grown.map(
        ({ replica, early, late }) => `${replica}: ${early.toFixed(0)} MB, later ${late.toFixed(0)} MB`,
      ),
      'processes left alive': leftRunning(site.folder, new Set()),
      ends: [
        ...replicas.flatMap(({ unexpectedEnds }) => unexpectedEnds),
        ...stops.flatMap(({ name, code }) => (code === 0 ? [] : [`${name} was told to stop and ended with ${code}`])),
      ],
    };
  }

  private counts(log: Awaited<ReturnType<Tail['readAll']>>): SoakResult['counts'] {
    const count = (type: string) => log.filter((event) => event.type === type).length;
    return {
      'ordinary tasks': this.people.fates.size,
      landed: count('TaskLanded'),
      events: log.length,
      ...Object.fromEntries(Object.entries(this.oddTasks.counts).map(([fate, n]) => [`odd: ${fate}`, n])),
      'odd requests': this.oddRequests.answered,
      'slow requests ended': this.oddRequests.slowEnded,
      ...this.meddler.counts,
    };
  }
}

function isOrdinary(text: string): boolean {
  return text.startsWith(`task-${PROJECT}.`);
}
