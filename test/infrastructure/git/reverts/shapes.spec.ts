import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { silentReverts } from '../../../../src/infrastructure/git/reverts/silent-reverts';
import { honestMerges, type Merge } from '../../../reverts/honest';
import { SHAPES, silentRevert } from '../../../reverts/shapes';
import { Trees } from '../../../reverts/trees';
import { seeded } from '../../../simulation/random';

// Each starts some processes of git; machines are shared.
jest.setTimeout(180_000);

const SEEDS = 20;
const HONEST = 100;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-reverts-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function judge(dir: string, { base, candidate, head }: Pick<Merge, 'base' | 'candidate' | 'head'>) {
  return silentReverts(new Git(), dir, {
    mainName: 'main',
    base: base.oid,
    candidate: candidate.oid,
    head: head.oid,
    window: 500,
  });
}

test.each(SHAPES)('%s: found every time, with path and commit', async (shape) => {
  const trees = new Trees();
  const cases = Array.from({ length: SEEDS }, (_, seed) => silentRevert(shape, seeded(seed), trees));
  const dir = trees.write(root);
  const missed: number[] = [];
  for (const [seed, one] of cases.entries()) {
    const { silent } = await judge(dir, one);
    if (!silent.some(({ path, commits }) => path === one.path && commits.includes(one.undone.oid))) missed.push(seed);
  }
  expect(missed).toEqual([]);
});

test('branches that mean what they do are let through', async () => {
  const trees = new Trees();
  const merges = honestMerges(seeded(3), trees, HONEST);
  const dir = trees.write(root);
  const flagged: string[] = [];
  const explicit: string[] = [];
  for (const merge of merges) {
    const answer = await judge(dir, merge);
    if (answer.silent.length > 0) flagged.push(merge.kind);
    if (answer.explicit.length > 0) explicit.push(merge.kind);
  }
  expect(flagged).toEqual([]);
  // What says that it is a revert is shown, and nothing else is.
  expect(explicit.length).toBeGreaterThan(3);
  expect(explicit.filter((kind) => !kind.startsWith('reverts'))).toEqual([]);
});
