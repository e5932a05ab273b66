import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LandingFloor } from './landing-floor.mjs';
import { landingRepository, plainGit } from './landing-repository.mjs';
import { LandingService } from './landing-service.mjs';
import { median, rounded } from './stats.mjs';

/** Landings that are compared at both ends of many. */
const END = 100;

/** Each runs in a process of its own, in an empty folder, and returns what goes into its record. */
export const LANDING_PHASES = {
  'landing-small': (dir, job) => besideFloor(dir, { ...job, hasCheckouts: false }),
  'landing-large': (dir, job) => besideFloor(dir, { ...job, hasCheckouts: true }),
  'landing-many': many,
};

/** Landings in turns with the same work by hand. The first one needs no rebase and makes the service's clone: not counted. */
async function besideFloor(dir, { files, landings, hasCheckouts }) {
  const { repo, branches } = landingRepository(dir, { files, branches: landings + 1 });
  const [first, ...others] = branches;
  const floor = new LandingFloor(dir, repo);
  const samples = [];
  const service = await LandingService.start(dir, repo);
  await service.land(first);
  for (const branch of others) {
    const { rebaseMs, checkoutsMs } = floor.measure(branch, { hasCheckouts });
    samples.push({ landingMs: await service.land(branch), rebaseMs, floorMs: rebaseMs + checkoutsMs });
  }
  await service.stop();
  const of = (pick) => rounded(median(samples.map(pick)));
  return {
    files,
    landings,
    landing_ms: of(({ landingMs }) => landingMs),
    rebase_ms: of(({ rebaseMs }) => rebaseMs),
    floor_ms: of(({ floorMs }) => floorMs),
    ratio: of(({ landingMs, floorMs }) => landingMs / floorMs),
    ...verdict(repo, branches),
  };
}

/** One landing after the other: what the last ones take beside the first ones, and what the service's clone has become. */
async function many(dir, { files, landings }) {
  const { repo, branches } = landingRepository(dir, { files, branches: landings + 1 });
  const [first, ...others] = branches;
  const service = await LandingService.start(dir, repo);
  await service.land(first);
  const times = [];
  for (const branch of others) times.push(await service.land(branch));
  await service.stop();
  const end = Math.min(END, Math.ceil(landings / 2));
  const [firstMs, lastMs] = [times.slice(0, end), times.slice(-end)].map(median);
  const clone = join(dir, 'repos/web.git');
  return {
    landings,
    first_ms: rounded(firstMs),
    last_ms: rounded(lastMs),
    ratio: rounded(lastMs / firstMs),
    clone_kb: Math.round(bytesOf(clone) / 1024),
    clone_files: filesIn(clone).length,
    ...verdict(repo, branches),
  };
}

/** Main has to be one commit longer for every branch, and to hold what each has brought. */
function verdict(repo, branches) {
  const commits = Number(plainGit(repo, 'rev-list', '--count', '--first-parent', 'main'));
  const brought = plainGit(repo, 'ls-tree', '--name-only', 'main', 'changes/').split('\n').length;
  const isRight = commits === branches.length + 1 && brought === branches.length;
  const seen = `${branches.length} landings: saw ${commits} commits and ${brought} files on main`;
  return { valid: isRight, why_invalid: isRight ? null : seen };
}

function filesIn(dir) {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function bytesOf(dir) {
  return filesIn(dir).reduce((sum, file) => sum + statSync(file).size, 0);
}
