import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { auditPlace } from '../../../../src/infrastructure/git/landings/audit-place';
import { examineLanding } from '../../../../src/infrastructure/git/landings/examine-landing';
import { SHAPES, silentRevert, type SilentRevert } from '../../../reverts/shapes';
import { Trees } from '../../../reverts/trees';
import { seeded } from '../../../simulation/random';

const SEEDS = 5;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-shapes-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

test.each(SHAPES)('%s, landed by a merge or squashed: named with path and commit', async (shape) => {
  const trees = new Trees();
  const cases = Array.from({ length: SEEDS }, (_, seed) => silentRevert(shape, seeded(seed), trees));
  const dir = trees.write(root);
  const place = await auditPlace(dir);
  const missed: string[] = [];
  for (const [seed, one] of cases.entries())
    for (const parents of [[one.base.oid, one.head.oid], [one.base.oid]])
      if (!(await isNamed(place.dir, one, { parents, treeOid: treeOf(dir, one) })))
        missed.push(`${seed} with ${parents.length} parents`);
  await place.remove();
  expect(missed).toEqual([]);
});

async function isNamed(
  cwd: string,
  { candidate, path, undone }: SilentRevert,
  more: { readonly parents: readonly string[]; readonly treeOid: string },
): Promise<boolean> {
  const landing = { oid: candidate.oid, author: 'Ann', at: null, subject: 'Land it', ...more };
  const { findings } = await examineLanding(new Git(), cwd, landing);
  return findings.some((each) => each.path === path && each.undone.some(({ oid }) => oid === undone.oid));
}

function treeOf(dir: string, { candidate }: SilentRevert): string {
  return execFileSync('git', ['rev-parse', `${candidate.oid}^{tree}`], { cwd: dir, encoding: 'utf8' }).trim();
}
