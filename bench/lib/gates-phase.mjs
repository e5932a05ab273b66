import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LandingFloor } from './landing-floor.mjs';
import { changedBy, landingRepository, sourcesOf, verdictOf } from './landing-repository.mjs';
import { LandingService } from './landing-service.mjs';
import { median, quantile, rounded } from './stats.mjs';

/** Each has a clone of its own. */
const GATES = 3;
const LINES_PER_FILE = 20;
/** Tells of an image that was built from the commit at hand. */
const IMAGE = `printf '{"digest": "sha256:%064d", "revision": "%s"}' 0 "$(git rev-parse HEAD)" > image.json`;

/**
 * Landings with every gate that reads a report, in turns with the same landings without any. What the gates' commands take by themselves is
 * subtracted, as of every command: what is left is what the gates add.
 */
export async function besideGates(dir, { files, landings }) {
  const sides = {
    plain: await sideIn(join(dir, 'plain'), { files, landings }, () => ({})),
    gated: await sideIn(join(dir, 'gated'), { files, landings }, (place) => gatesIn(place, { files, landings })),
  };
  const floor = new LandingFloor(dir, sides.plain.repo);
  await floor.spread();
  const samples = [];
  for (const [index, branch] of sides.plain.branches.slice(1).entries()) {
    const order = index % 2 === 0 ? ['plain', 'gated'] : ['gated', 'plain'];
    const ms = {};
    for (const name of order) ms[name] = await sides[name].service.land(branch);
    samples.push({ ...ms, clones: GATES * floor.measureCheckout(branch) });
  }
  for (const { service } of Object.values(sides)) await service.stop();
  const added = samples.map(({ plain, gated }) => gated - plain);
  const verdicts = Object.values(sides).map(({ repo, branches }) => verdictOf(repo, branches));
  return {
    files,
    landings,
    plain_ms: rounded(median(samples.map(({ plain }) => plain))),
    gated_ms: rounded(median(samples.map(({ gated }) => gated))),
    clones_ms: rounded(median(samples.map(({ clones }) => clones))),
    added_ms: rounded(median(added)),
    added_p95_ms: rounded(quantile(added, 0.95)),
    ...(verdicts.find(({ valid }) => !valid) ?? verdicts[0]),
  };
}

/** The first landing makes the service's clone and main's report: not counted. */
async function sideIn(dir, { files, landings }, settings) {
  mkdirSync(dir, { recursive: true });
  const { repo, branches } = landingRepository(dir, { files, branches: landings + 1 });
  const service = await LandingService.start(dir, repo, settings(dir));
  await service.land(branches[0]);
  return { repo, branches, service };
}

/** Commands that only copy a report which lies ready: of the size that a tree of so many files brings. */
function gatesIn(dir, job) {
  const lay = (name, text) => {
    const path = join(dir, name);
    writeFileSync(path, text);
    return path;
  };
  const run = (from, report) => ({ suite: ['cp', from, report], witness: { kind: 'file', path: report } });
  const scan = { version: '2.1.0', runs: [{ tool: { driver: { name: 'scan' } }, results: findings(job.files) }] };
  return {
    security: { run: run(lay('ready.sarif', JSON.stringify(scan)), 'scan.sarif') },
    coverage: { run: run(lay('ready.info', lcov(job)), 'lcov.info'), floor: 50 },
    image: {
      run: { suite: IMAGE, witness: { kind: 'file', path: 'image.json' } },
      source: { kind: 'report', path: 'image.json' },
      maxAgeMs: null,
    },
  };
}

/** One in ten files has a finding of long ago. */
function findings(files) {
  return sourcesOf(files)
    .filter((_, index) => index % 10 === 0)
    .map((uri) => ({
      ruleId: 'old',
      level: 'warning',
      message: { text: 'as on main' },
      partialFingerprints: { primaryLocationLineHash: uri },
      locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } }],
    }));
}

/** Of every file of the tree, and of those that the branches change. */
function lcov({ files, landings }) {
  const of = (path, count, hits) => {
    const lines = Array.from({ length: count }, (_, index) => `DA:${index + 1},${hits(index)}\n`);
    return `SF:${path}\n${lines.join('')}end_of_record\n`;
  };
  return [
    ...sourcesOf(files).map((path) => of(path, LINES_PER_FILE, (index) => index % 4)),
    ...changedBy(landings + 1).map(({ path, lines }) => of(path, lines, () => 1)),
  ].join('');
}
