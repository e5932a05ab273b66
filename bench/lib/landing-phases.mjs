import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { besideGates } from './gates-phase.mjs';
import { LandingFloor } from './landing-floor.mjs';
import { landingRepository, verdictOf } from './landing-repository.mjs';
import { LandingService } from './landing-service.mjs';
import { cpuMs } from './process-stats.mjs';
import { median, rounded } from './stats.mjs';

/** Landings that are compared at both ends of many. */
const END = 100;

/** Each runs in a process of its own, in an empty folder, and returns what goes into its record. */
export const LANDING_PHASES = {
  'landing-small': (dir, job) => besideFloor(dir, { ...job, hasCheckouts: false }),
  'landing-large': (dir, job) => besideFloor(dir, { ...job, hasCheckouts: true }),
  'landing-many': many,
  'landing-gates': besideGates,
};

/** Landings in turns with the same work by hand. The first one needs no rebase and makes the service's clone: not counted. */
async function besideFloor(dir, { files, landings, hasCheckouts }) {
  const { repo, branches } = landingRepository(dir, { files, branches: landings + 1 });
  const [first, ...others] = branches;
  const floor = new LandingFloor(dir, repo);
  await floor.spread();
  const samples = [];
  const service = await LandingService.start(dir, repo);
  await service.land(first);
  for (const branch of others) {
    const { rebaseMs, checkoutsMs } = floor.measure(branch, { hasCheckouts });
    samples.push({ ...(await landed(service, branch)), rebaseMs, floorMs: rebaseMs + checkoutsMs });
  }
  await service.stop();
  const of = (pick) => rounded(median(samples.map(pick)));
  return {
    files,
    landings,
    landing_ms: of(({ landingMs }) => landingMs),
    landing_cpu_ms: cpuOf(samples),
    rebase_ms: of(({ rebaseMs }) => rebaseMs),
    floor_ms: of(({ floorMs }) => floorMs),
    ratio: of(({ landingMs, floorMs }) => landingMs / floorMs),
    ...verdictOf(repo, branches),
  };
}

/** One landing after the other: what the last ones take beside the first ones, and what the service's clone has become. */
async function many(dir, { files, landings }) {
  const { repo, branches } = landingRepository(dir, { files, branches: landings + 1 });
  const [first, ...others] = branches;
  const service = await LandingService.start(dir, repo);
  await service.land(first);
  const samples = [];
  for (const branch of others) samples.push(await landed(service, branch));
  await service.stop();
  const end = Math.min(END, Math.ceil(landings / 2));
  const ends = [samples.slice(0, end), samples.slice(-end)];
  const [firstMs, lastMs] = ends.map((some) => median(some.map(({ landingMs }) => landingMs)));
  const [firstCpuMs, lastCpuMs] = ends.map(cpuOf);
  const clone = join(dir, 'repos/web.git');
  return {
    landings,
    first_ms: rounded(firstMs),
    last_ms: rounded(lastMs),
    ratio: rounded(lastMs / firstMs),
    first_cpu_ms: firstCpuMs,
    last_cpu_ms: lastCpuMs,
    clone_kb: Math.round(bytesOf(clone) / 1024),
    clone_files: filesIn(clone).length,
    ...verdictOf(repo, branches),
  };
}

/** One landing, with the processor time of the service and of everything it started. */
async function landed(service, branch) {
  const cpuBefore = cpuMs(process.pid);
  const landingMs = await service.land(branch);
  return { landingMs, cpuMs: cpuMs(process.pid) - cpuBefore };
}

/** The mean: one landing takes too few ticks of the system's clock for a middle one. */
function cpuOf(samples) {
  return rounded(samples.reduce((sum, sample) => sum + sample.cpuMs, 0) / samples.length);
}

function filesIn(dir) {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function bytesOf(dir) {
  return filesIn(dir).reduce((sum, file) => sum + statSync(file).size, 0);
}
