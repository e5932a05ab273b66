import { namesReverts } from '../../../domain/gates/revert/explicit-reverts';
import {
  pathsOf,
  type FileChange,
  type LandedCommit,
  type RevertGround,
} from '../../../domain/gates/revert/landed-changes';
import {
  revertOutcome,
  type RevertAnswer,
  type RevertQuestion,
  type RevertScope,
} from '../../../domain/gates/revert/silent-reverts';
import type { Undone } from '../../../domain/gates/revert/undone';
import { undoneChanges } from '../../../domain/gates/revert/undone-changes';
import type { Oid } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import { branchCommits, copiesAmong, forkOf } from './branch-commits';
import { CHANGES, ChangesText, SETTINGS, unlessTooMuch, WITH_LINES } from './changes-text';
import { landedCommits, stepsOf } from './landed-commits';
import { mainLine } from './main-line';
import { madeIn } from './made-in';

/** What only few commits and files have to be asked for, once it is known which. */
const NOT_ASKED = { fileCounts: new Map<Oid, number>(), isMade: () => false, only: null };

const FORK_TIMES = 4;
/** Commits of a merge that a revert may name. */
const MOST_MERGED = 500;

/**
 * What a candidate undoes of what main has. A handful of processes, whatever the size of the repository; nothing is written, and nothing of
 * the repository is run.
 *
 * @throws GitError when git cannot tell.
 */
export async function silentReverts(
  git: Git,
  cwd: string,
  question: RevertQuestion,
): Promise<Omit<RevertAnswer, 'tasks'>> {
  const { ground, scope } = await groundOf(git, cwd, question);
  const undone = undoneChanges(ground);
  const known = await withMore(git, cwd, question.base, { ground, undone });
  const outcome = revertOutcome(known, undone);
  const named = new Set([
    ...outcome.silent.flatMap(({ commits }) => commits),
    ...outcome.explicit.map((one) => one.commit),
  ]);
  return { ...outcome, scope, landed: known.landed.filter(({ oid }) => named.has(oid)) };
}

async function groundOf(
  git: Git,
  cwd: string,
  { base, candidate, head, window, mainName }: RevertQuestion,
): Promise<{ readonly ground: RevertGround; readonly scope: RevertScope }> {
  const [changed, line, own, branch] = await Promise.all([
    unlessTooMuch(changesIn(git, cwd, [...WITH_LINES, base, candidate])),
    mainLine(git, cwd, { base, most: window * FORK_TIMES + 1, name: mainName }),
    branchCommits(git, cwd, { base, head: candidate }),
    head === candidate ? null : branchCommits(git, cwd, { base, head }),
  ]);
  const changes = changed ?? (await changesIn(git, cwd, [base, candidate]));
  const { oids } = line;
  const positions = new Map(oids.map((oid, at) => [oid, at]));
  const fork = forkOf(branch ?? own, head);
  const sinceFork = (fork === null ? null : positions.get(fork)) ?? null;
  const commits = Math.min(oids.length, window * FORK_TIMES, Math.max(window, sinceFork ?? 0));
  const landed = await landedCommits(git, cwd, { line, count: commits, changes });
  const seen = copiesAmong(landed.commits, branch ?? own);
  const filesWithoutLines = changed ? landed.filesWithoutLines : changes.length;
  return {
    ground: { ...NOT_ASKED, changes, commits: own, landed: landed.commits, sinceFork, positions, seen },
    scope: { commits, reachesFork: sinceFork !== null, filesWithoutLines },
  };
}

async function changesIn(git: Git, cwd: string, args: readonly string[]): Promise<readonly FileChange[]> {
  const options = { cwd, encoding: 'latin1', settings: SETTINGS } as const;
  return new ChangesText(await git.text(['diff-tree', ...CHANGES, ...args], options)).changes();
}

async function withMore(
  git: Git,
  cwd: string,
  base: Oid,
  { ground, undone }: { readonly ground: RevertGround; readonly undone: readonly Undone[] },
): Promise<RevertGround> {
  const named = new Set(undone.flatMap(({ commits }) => commits));
  if (named.size === 0) return ground;
  const paths = new Set([
    ...undone.map(({ mainPath }) => mainPath),
    ...ground.landed.flatMap(({ oid, changes }) => (named.has(oid) ? changes.flatMap(pathsOf) : [])),
  ]);
  const [fileCounts, isMade, only] = await Promise.all([
    fileCountsOf(git, cwd, [...named], [...ground.positions.keys()]),
    madeIn(git, cwd, base, [...paths]),
    onlyOf(git, cwd, ground),
  ]);
  const asked = { ...ground, fileCounts, isMade, only };
  if (!ground.commits.some(({ message }) => namesReverts(message))) return asked;
  const line = [...ground.positions.keys()];
  const landed: LandedCommit[] = [];
  for (const commit of ground.landed) {
    const parent = line[(ground.positions.get(commit.oid) ?? line.length) + 1];
    const isAsked = named.has(commit.oid) && parent !== undefined;
    landed.push(isAsked ? { ...commit, merged: await mergedBy(git, cwd, commit.oid, parent) } : commit);
  }
  return { ...asked, landed };
}

async function onlyOf(git: Git, cwd: string, { commits, changes }: RevertGround): Promise<RevertGround['only']> {
  const [commit, ...others] = commits.filter(({ parents }) => parents.length < 2);
  if (!commit || others.length > 0) return null;
  const [parent] = commit.parents;
  if (commits.length === 1 || parent === undefined) return changes;
  return unlessTooMuch(changesIn(git, cwd, [...WITH_LINES, parent, commit.oid]));
}

async function fileCountsOf(
  git: Git,
  cwd: string,
  named: readonly Oid[],
  line: readonly Oid[],
): Promise<ReadonlyMap<Oid, number>> {
  const options = { cwd, encoding: 'latin1', settings: SETTINGS, input: stepsOf(line, named) } as const;
  const args = ['diff-tree', '--stdin', '--root', '--always', '--format=%x00%H%x00', '--raw', '-r', '--no-renames'];
  const [, ...fields] = (await git.text(args, options)).split('\0');
  const counts = new Map<Oid, number>();
  for (let at = 0; at + 1 < fields.length; at += 2)
    counts.set(fields[at] ?? '', (fields[at + 1] ?? '').split('\n').filter((each) => each.startsWith(':')).length);
  return counts;
}

/** The commits that came with a merge; none where it is none. */
async function mergedBy(git: Git, cwd: string, oid: Oid, parent: Oid): Promise<readonly Oid[]> {
  const text = await git.text(['rev-list', `--max-count=${MOST_MERGED}`, oid, `^${parent}`], { cwd });
  return text.split('\n').filter((each) => each !== oid);
}
