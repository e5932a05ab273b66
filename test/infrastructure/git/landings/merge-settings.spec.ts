import { seeded, type Random } from '../../../simulation/random';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { auditPlace } from '../../../../src/infrastructure/git/landings/audit-place';
import { examineLanding } from '../../../../src/infrastructure/git/landings/examine-landing';
import { landingsOf } from '../../../../src/infrastructure/git/landings/landing-walk';
import { LandingsBed } from './landings-bed';

/** How people let git merge; none of it makes a merge that lies. `-X theirs` does: it takes lines of main back. */
const WAYS: readonly (readonly string[])[] = [
  [],
  ['-X', 'patience'],
  ['-X', 'histogram'],
  ['-X', 'ours'],
  ['-X', 'no-renames'],
  ['-X', 'find-renames=90'],
  ['-X', 'ignore-space-change'],
  ['-s', 'recursive'],
];
const MERGES = 5;

let bed: LandingsBed;
beforeEach(() => {
  bed = new LandingsBed();
});
afterEach(() => {
  bed.dispose();
});

test.each(WAYS.map((way) => [way] as const))(
  'honest merges are let through, whatever git was told: %j',
  async (way) => {
    const random = seeded(way.join().length + 7);
    const files = new Map(Array.from({ length: 8 }, (_, at) => [`dir${at % 3}/file${at}.txt`, textOf(random)]));
    bed.main(Object.fromEntries(files), 'Begin');
    for (let at = 0; at < MERGES; at += 1) {
      bed.branch(`b${at}`, edits(random, files, 'branch'));
      bed.main(edits(random, files, 'main'));
      // What is left in conflict is taken as git has left it, marks and all: nobody else's business.
      bed.merge(`b${at}`, undefined, ...way);
      reread(files);
    }
    expect(await findings()).toEqual([]);
  },
);

function textOf(random: Random): string {
  return Array.from({ length: 40 }, (_, at) => `line ${at} says ${random.hex(6)}\n`).join('');
}

/** Some lines of some files, and now and then another name. */
function edits(random: Random, files: ReadonlyMap<string, string>, who: string): Record<string, string | null> {
  const made: Record<string, string | null> = {};
  for (const [path, text] of files) {
    if (!random.chance(0.4)) continue;
    const lines = text.split('\n');
    const at = random.below(lines.length - 1);
    lines[at] = `${who} wrote ${random.hex(6)}`;
    const name = random.chance(0.15) ? path.replace(/file/, `${who}-file`) : path;
    if (name !== path) made[path] = null;
    made[name] = lines.join('\n');
  }
  return made;
}

function reread(files: Map<string, string>): void {
  files.clear();
  const names = bed.git(['ls-files', '-z', 'dir*']).split('\0').filter(Boolean);
  for (const name of names) files.set(name, `${bed.git(['show', `HEAD:${name}`])}\n`);
}

async function findings(): Promise<readonly string[]> {
  const place = await auditPlace(bed.work);
  const found: string[] = [];
  const tip = bed.git(['rev-parse', 'main']);
  const end = { since: null, behind: null, limit: 100, onLimit: () => undefined };
  for await (const landing of landingsOf(new Git(), place.dir, tip, end)) {
    if (landing.parents.length < 2) continue;
    const { findings: all, unread } = await examineLanding(new Git(), place.dir, landing);
    found.push(...all.map(({ rule, path }) => `${rule} ${path}`), ...(unread === null ? [] : [unread]));
  }
  await place.remove();
  return found;
}
