/* eslint-disable no-console -- a command-line tool prints */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { revertLine } from '../../src/domain/gates/revert/revert-evidence';
import type { RevertQuestion } from '../../src/domain/gates/revert/silent-reverts';
import { Git } from '../../src/infrastructure/git/command/git-command';
import { silentReverts } from '../../src/infrastructure/git/reverts/silent-reverts';
import { seeded } from '../simulation/random';
import { wholeNumber } from '../support/whole-number';
import { honestMerges } from './honest';
import { SHAPES, silentRevert, type SilentRevert } from './shapes';
import { Trees } from './trees';

type Change = Pick<SilentRevert, 'base' | 'candidate' | 'head'>;

const git = new Git();
const SEEDS = 20;

/**
 * How many silent reverts are found, and how many honest changes are taken for them, in histories that are made by a seed: `--merges 1000`,
 * `--seed 1`, `--window 500`. Ends with exit code 1 when a revert is missed, or more than 0.5 % of the honest changes are flagged.
 * For a clone there is `stagegate audit landings`.
 */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { merges: text, seed: text, window: text } });
  const window = wholeNumber('window', values.window, 500);
  const merges = wholeNumber('merges', values.merges, 1_000);
  return madeUp({ seed: wholeNumber('seed', values.seed, 1), merges, window });
}

async function madeUp(asked: {
  readonly seed: number;
  readonly merges: number;
  readonly window: number;
}): Promise<number> {
  const { seed, merges, window } = asked;
  const root = mkdtempSync(join(tmpdir(), 'stagegate-reverts-'));
  try {
    const trees = new Trees();
    const honest = honestMerges(seeded(seed), trees, merges);
    const silent = SHAPES.flatMap((shape) =>
      Array.from({ length: SEEDS }, (_, at) => ({ shape, ...silentRevert(shape, seeded(seed * SEEDS + at), trees) })),
    );
    const dir = trees.write(root);
    let seen = 0;
    for (const one of silent) {
      const answer = await silentReverts(git, dir, questionOf(one, window));
      const isSeen = answer.silent.some(({ path, commits }) => path === one.path && commits.includes(one.undone.oid));
      if (isSeen) seen += 1;
      else console.log(`missed: ${one.shape}, ${one.path}`);
    }
    console.log(`silent reverts: ${seen} of ${silent.length} found, with path and commit`);
    const flagged = await flaggedOf(
      dir,
      honest.map((one) => [one.kind, questionOf(one, window)] as const),
    );
    console.log(`honest changes: ${flagged} of ${merges} flagged`);
    return seen === silent.length && flagged * 200 <= merges ? 0 : 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function flaggedOf(dir: string, changes: readonly (readonly [string, RevertQuestion])[]): Promise<number> {
  let flagged = 0;
  const took: number[] = [];
  for (const [name, question] of changes) {
    const startedAt = performance.now();
    const answer = await silentReverts(git, dir, question);
    took.push(performance.now() - startedAt);
    if (answer.silent.length === 0) continue;
    flagged += 1;
    console.log(`flagged: ${name}`);
    for (const one of answer.silent) console.log(`  ${revertLine(one, { ...answer, tasks: new Map() })}`);
  }
  took.sort((one, other) => one - other);
  const at = (share: number) => Math.round(took[Math.floor(took.length * share)] ?? 0);
  console.log(`each took ${at(0.5)} ms (median), ${at(0.95)} ms (p95)`);
  return flagged;
}

function questionOf({ base, candidate, head }: Change, window: number): RevertQuestion {
  return { mainName: 'main', base: base.oid, candidate: candidate.oid, head: head.oid, window };
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
