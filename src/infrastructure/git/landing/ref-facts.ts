import type { Git } from '../command/git-command';
import { BRANCHES, branchRef } from '../command/names';

interface RefFacts {
  readonly oid: string;
  /** Where it is checked out; of a symbolic ref: where the branch is that it stands for. */
  readonly worktree: string | null;
}

/** More names would make the command line too long, and git compares every ref with every one of them. */
const MOST_PATTERNS = 200;

/** Commits of those of the branches that exist. Only names that go on a command line are checked for what they look like. */
export async function headsOf(
  git: Git,
  cwd: string,
  branches: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = branches.length > MOST_PATTERNS ? branches.map((branch) => BRANCHES + branch) : branches.map(branchRef);
  const refs = await refFacts(git, cwd, names);
  return new Map([...refs].map(([name, { oid }]) => [name.slice(BRANCHES.length), oid]));
}

/** What one ref holds, by its full name; null when there is none. Of git's commands this one reads no ref beside it. */
export async function refOid(git: Git, cwd: string, ref: string): Promise<string | null> {
  const args = ['show-ref', '--verify', '--hash', '--', ref];
  const { exitCode, stdout, stderr } = await git.run(args, { cwd, answers: [0, 128] });
  if (exitCode === 0) return stdout;
  if (stderr.includes('not a valid ref')) return null;
  return (await refFacts(git, cwd, [ref])).get(ref)?.oid ?? null;
}

/** The branch that a symbolic ref stands for, whatever number of steps away; of any other ref, itself. */
export async function resolvedRef(git: Git, cwd: string, ref: string): Promise<string> {
  const { exitCode, stdout } = await git.run(['symbolic-ref', '--quiet', ref], { cwd, answers: [0, 1] });
  return exitCode === 0 ? stdout : ref;
}

/** Object and work tree of the branches that exist, by their full ref names. */
export async function refFacts(
  git: Git,
  cwd: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, RefFacts>> {
  const format = `--format=${['refname', 'objectname', 'symref', 'worktreepath'].map((atom) => `%(${atom})`).join('%00')}`;
  const patterns = names.length > MOST_PATTERNS ? [BRANCHES] : names;
  const text = await git.text(['for-each-ref', format, ...patterns], { cwd });
  const wanted = new Set(names);
  const lines = text.split('\n').map((line) => line.split('\0'));
  // A pattern matches what lies below it too.
  const found = lines.filter(([name = '']) => wanted.has(name));
  const symbolic = found.flatMap(([, , target = '']) => target || []);
  const targets = symbolic.length > 0 ? await refFacts(git, cwd, symbolic) : new Map<string, RefFacts>();
  return new Map(
    found.map(([name = '', oid = '', target = '', at = '']) => {
      const worktree = at || (targets.get(target)?.worktree ?? null);
      return [name, { oid, worktree }];
    }),
  );
}
