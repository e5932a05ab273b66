import type { StoredEvent } from '../../src/application/ports/event-store';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { ConfiguredProjects } from '../../src/infrastructure/config/project/configured-projects';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { check, type Violation } from '../support/invariants';
import { seeded } from './random';
import { hasOutsiders, Outsiders } from './outsiders';
import {
  answerAlerts,
  interfere,
  makeTasks,
  mergeByHand,
  overrideGates,
  releaseUnanswered,
  waivePaths,
} from './people';
import { startReplica, type Shared } from './replica';
import { ciOf, SimCi } from './sim-ci';
import { SimArtifacts } from './sim-parts';
import { imagesOf, SimImages } from './sim-images';
import { checkFigures, coverageOf } from './sim-coverage';
import { checkJudges, judgeOf } from './sim-judges';
import { checkScans, hasScans, SCAN } from './sim-reports';
import { checkReverts, revertDraws, revertsOf } from './sim-reverts';
import { SimRepository } from './sim-repository';
import { checkClasses, hasSetups, SETUP } from './sim-setups';
import { breakerOf, hasStorm, RETEST } from './sim-storms';
import { SimLog } from './sim-store';
import { checkFlakes } from './check-flakes';
import { checkDeploys, DEPLOY, hasDeploys } from './sim-deploys';
import { checkMonitors, monitorOf } from './sim-monitors';
import { checkSpawns, flipSwitches, switchesInFile } from './sim-switches';
import { hasShadows, RUNNERS_OFF, shadowSettings } from './sim-shadows';
import { SimHooks } from './sim-hooks';
import { SimSubscribers } from './sim-subscribers';
import { plague, setClocks, stopInOrder } from './stops';
import { FAULTY_MS, PROJECT, World } from './world';

export interface HistoryResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly events: readonly StoredEvent[];
  readonly steps: number;
  readonly virtualMs: number;
  readonly trace: readonly string[];
  /** Trees that were red by chance, and runs that infrastructure ended. */
  readonly flakes: number;
  readonly infraDeaths: number;
}

/** Healed: longer than any deadline of the policy below, several times over. */
const HEALED_MS = 90 * 60_000;
const LOOK_EVERY_MS = 15_000;
export const AT_REST = 'everything is at rest';

/**
 * One history: replicas that crash and pause, a store that loses answers, a git that locks, people who interfere. Then the
 * world heals, and everything has to come to rest. The same seed gives the same history.
 *
 * @param rate of flakes and of deaths by infrastructure, instead of what the seed says.
 * @param lingerMs how much longer it goes on once it is at rest; `AT_REST` in the trace is where that begins.
 */
export async function runHistory(
  seed: number,
  isTracing = false,
  lingerMs = 0,
  rate: number | null = null,
): Promise<HistoryResult> {
  const world = new World(seed, isTracing, rate);
  const shared = makeShared(world);
  const { random, scheduler, faults } = world;
  const hosts = random.pick([['a'], ['a', 'b'], ['a', 'a'], ['a', 'b', 'b']]);
  const replicas = hosts.map((host) => startReplica(shared, host));
  const tasks = makeTasks(shared, replicas);
  plague(shared, replicas);
  interfere(shared, replicas, tasks);
  mergeByHand(shared, tasks);
  flipSwitches(shared, replicas);
  overrideGates(shared, replicas, tasks);
  waivePaths(shared, replicas, tasks);
  answerAlerts(shared, replicas, tasks);
  world.storm.callPeople(shared, replicas);
  setClocks(shared, hosts);
  const outsiders = hasOutsiders(seed) ? new Outsiders(shared, replicas) : null;
  const ci = new SimCi(shared, replicas, tasks);
  const left = stopInOrder(shared, replicas);
  await scheduler.runUntil(FAULTY_MS);
  faults.heal();
  for (const [index, replica] of replicas.entries()) {
    replica.process.pausedUntil = 0;
    if (!replica.process.alive) replicas[index] = startReplica(shared, replica.process.host);
  }
  const { isAtRest, events, broken } = await runToRest(shared, () => releaseUnanswered(shared, replicas, tasks));
  outsiders?.stop();
  ci.stop();
  const deployed = checkDeploys(world, shared.repository, events);
  const found = [
    ...checkWorld(shared, events),
    ...checkSpawns(world, events),
    ...ci.check(events),
    ...checkScans(seed, shared.repository, events),
    ...shared.images.check(seed, events),
    ...checkFigures(shared.repository, events),
    ...checkReverts(seed, shared.repository, events),
    ...checkJudges(world.seed, shared.repository, events),
    ...checkFlakes(shared, events),
    ...checkClasses(world, events),
    ...deployed,
    ...checkMonitors(world, events),
    ...(outsiders?.violations ?? []),
  ];
  const violations = [...broken, ...left, ...found];
  if (!isAtRest) violations.push({ invariant: 'I7', stream: '-', revision: 0n, detail: 'no rest within the bound' });
  violations.push(...(await shared.subscribers.finish()), ...(await shared.hooks.finish()));
  world.note(AT_REST);
  await scheduler.runUntil(scheduler.now + lingerMs);
  for (const replica of replicas) replica.process.alive = false;
  const { trace, flakes, infraDeaths } = world;
  const told = { steps: scheduler.steps, virtualMs: scheduler.now, flakes: flakes.count, infraDeaths };
  return { seed, violations, events, trace, ...told };
}

export function makeShared(world: World): Shared {
  const { random } = world;
  const isFromOutside = hasOutsiders(world.seed);
  const confirming = world.flakes.areThere ? { confirmRed: true as const } : {};
  const setUp = hasSetups(world.seed) ? { setup: SETUP } : {};
  const markers = hasMarkers(world.seed) ? seeded(world.seed ^ 0x3a8c) : null;
  const settings = {
    project: PROJECT,
    repo: '/sim.git',
    entryStages: ['testing' as const, 'deploy-staging' as const],
    // Where suites depend on chance, every red is to be confirmed: what a single one leads to is the policy's affair.
    staging: { suite: 'test', timeoutMs: 60_000, graceMs: 1_000, ...confirming, ...setUp, ...world.witness.demand },
    ...(seeded(world.seed ^ 0x1c0c).chance(0.3) ? { onInconclusive: 'retry' as const } : {}),
    ...(hasDeploys(world.seed) ? { deploy: DEPLOY } : {}),
    ...monitorOf(world.seed),
    ...imagesOf(world.seed),
    ...revertsOf(world.seed),
    ...(random.chance(0.7) ? { agents: { developer: { command: ['dev'], timeoutMs: 60_000, graceMs: 1_000 } } } : {}),
    budgets: { developer: 2, agent: 1, infra: hasStorm(world.seed) ? 9 : 2, crash: random.pick([1, 10]), landing: 3 },
    backoff: { baseMs: 1_000, maxMs: 20_000 },
    breaker: breakerOf(world.seed),
    ...(hasStorm(world.seed) ? { retest: { suite: RETEST } } : {}),
    onInfraExhausted: random.pick(['hold', 'rollback'] as const),
    // Drawn apart, so that the other histories stay as they are. No task gets past it, whatever people release.
    ...ciOf(world.seed),
    ...(markers ? { regressionMarkers: [{ task: 'sim.T0', file: 'kept.txt', text: 'kept' }] } : {}),
    requiredGates: seeded(world.seed ^ 0x6a7e).chance(0.05) ? (['check_security'] as const) : [],
  };
  // Drawn apart too. The suite of testing is another one than that of staging, and says the same of a commit.
  const isTested = seeded(world.seed ^ 0x7e57).chance(0.2);
  const testing = { suite: 'test', timeoutMs: 60_000, graceMs: 1_000, ...confirming };
  // What no agent of the service does is theirs.
  const { judges, ...shadowed } = shadowSettings(world.seed);
  const agents = { ...settings.agents, ...judges };
  const staffed = isFromOutside ? { ...settings, agents: {} } : { ...settings, ...shadowed, agents };
  const report = { kind: 'file', path: 'report.sarif' } as const;
  const security = { run: { suite: SCAN, timeoutMs: 60_000, graceMs: 1_000, witness: report } };
  const project = buildProject(new NodeHasher(), {
    ...staffed,
    ...(isTested ? { testing } : {}),
    ...(hasScans(world.seed) ? { security } : {}),
    ...coverageOf(world.seed),
    ...judgeOf(world.seed),
  });
  const log = new SimLog(new MemoryEventStore());
  const artifacts = new SimArtifacts(world.faults);
  const readProjects = () =>
    new ConfiguredProjects([{ project, switches: hasShadows(world.seed) ? RUNNERS_OFF : switchesInFile(world.seed) }]);
  const projects = readProjects();
  const repository = new SimRepository(random, markers, revertDraws(world.seed));
  return {
    world,
    log,
    repository,
    images: new SimImages(world, repository),
    artifacts,
    greenTrees: new Set(),
    projects,
    readProjects,
    startStage: isTested ? 'testing' : 'deploy-staging',
    subscribers: new SimSubscribers(world, log, artifacts, projects),
    hooks: new SimHooks(world, { log, artifacts, repository, readProjects }),
  };
}

/** In one history in ten the project lists a text that main has to keep, and changes take it out now and then. */
function hasMarkers(seed: number): boolean {
  return seeded(seed ^ 0x3a8b).chance(0.1);
}

/** Nothing was appended for longer than a sweep: nobody has anything left to do. */
const QUIET_MS = 65_000;

interface Rest {
  /** false when the history did not come to rest in time. */
  readonly isAtRest: boolean;
  readonly events: readonly StoredEvent[];
  readonly broken: readonly Violation[];
}

/**
 * Lets the healed world go on until nothing is appended any more and no task is left hanging. The invariants are asked only
 * of a quiet log: re-hashing a growing one at every look would cost more than the history itself.
 *
 * @param helpOut what people do about a quiet world; resolves to false when there is nothing for them to do.
 */
async function runToRest({ log, world: { scheduler } }: Shared, helpOut: () => Promise<boolean>): Promise<Rest> {
  const until = scheduler.now + HEALED_MS;
  let seen = { count: -1, at: scheduler.now };
  while (scheduler.now < until) {
    await scheduler.runUntil(scheduler.now + LOOK_EVERY_MS);
    if (log.size !== seen.count) seen = { count: log.size, at: scheduler.now };
    else if (scheduler.now - seen.at >= QUIET_MS && !(await helpOut())) {
      const rest = await judge(log, true);
      if (!rest.broken.some(({ invariant }) => invariant === 'I7')) return rest;
    }
  }
  return judge(log, false);
}

async function judge(log: SimLog, isAtRest: boolean): Promise<Rest> {
  const events = await log.everything();
  return { isAtRest, events, broken: check(events, { isAtRest: true }) };
}

/** What the log says about main has to be what main says about itself, and nothing may be on it that no suite saw green. */
function checkWorld({ repository, greenTrees }: Shared, events: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  const wrong = (invariant: string, detail: string) =>
    violations.push({ invariant, stream: 'main', revision: 0n, detail });
  const landed = events
    .filter(({ type }) => type === 'TaskLanded')
    .map(({ stream, data }) => `${stream.slice(5)} ${(data as { newOid: string }).newOid}`);
  const onMain = repository.landedBy.map(({ task, newOid }) => `${task} ${newOid}`);
  if ([...landed].sort().join() !== [...onMain].sort().join())
    wrong('I2b', `main has [${onMain.join()}], the log [${landed.join()}]`);
  for (const { task, newOid } of repository.landedBy) {
    if (!greenTrees.has(repository.get(newOid).tree)) wrong('I5', `${task} landed ${newOid}, which no suite saw green`);
  }
  for (const { task, newOid } of repository.landedBy) {
    const before = repository.mainLog[repository.mainLog.indexOf(newOid) - 1];
    if (before && repository.hasMarker(before) && !repository.hasMarker(newOid))
      wrong('I32', `${task} landed ${newOid}, which has lost what main has to keep`);
  }
  for (const { stream, revision, type, data } of events) {
    if (type !== 'HeadMoved') continue;
    const { from, to } = data as { from: string | null; to: string };
    // Branches only go forward here.
    if (from && repository.isAncestor(to, from))
      violations.push({ invariant: 'I15', stream, revision, detail: `${to} is an older head than ${from}` });
  }
  for (const tree of repository.offered)
    if (!repository.treesOfMain().has(tree)) wrong('I18', `the set-up of ${tree} is offered, which has not landed`);
  for (const [index, oid] of repository.mainLog.entries()) {
    const before = repository.mainLog[index - 1];
    if (before && !repository.isAncestor(before, oid)) wrong('I13', `main went from ${before} to ${oid}`);
  }
  return violations;
}
