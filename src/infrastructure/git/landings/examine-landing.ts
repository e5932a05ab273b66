import { wordsOf } from '../../../domain/within-sentence';
import type { LandedCommit } from '../../../domain/gates/revert/landed-changes';
import type { Oid } from '../../../domain/ids';
import type {
  ExaminedLanding,
  Landing,
  LandingFinding,
  LandingKind,
  UndoneCommit,
} from '../../../domain/landings/landing';
import { mergeFindings } from '../../../domain/landings/merge-differences';
import { GitError } from '../../../application/ports/git-workspace';
import type { Git } from '../command/git-command';
import { silentReverts } from '../reverts/silent-reverts';
import { recomputedMerge } from './recomputed-merge';

/** Commits of the branch before a landing that are looked at, as the gate does by default. */
export const LANDING_WINDOW = 500;

/** What one landing undid, and, of a merge, what it has that git would not make. What cannot be read is said, not thrown. */
export async function examineLanding(git: Git, cwd: string, landing: Landing): Promise<ExaminedLanding> {
  const usual = { landing, kind: kindOf(landing), findings: [], announced: [], unread: null } as const;
  if (usual.kind === 'root') return usual;
  try {
    return { ...usual, ...(await examined(git, cwd, landing, usual.kind)) };
  } catch (error) {
    if (error instanceof GitError) return { ...usual, unread: wordsOf(error) };
    throw error;
  }
}

async function examined(
  git: Git,
  cwd: string,
  landing: Landing,
  usual: LandingKind,
): Promise<Pick<ExaminedLanding, 'kind' | 'findings' | 'announced'>> {
  const [base = '', branch = landing.oid] = landing.parents;
  const question = { mainName: null, base, candidate: landing.oid, head: branch, window: LANDING_WINDOW };
  const { silent, explicit, landed } = await silentReverts(git, cwd, question);
  const reverts = silent.map(({ rule, path, commits, lines }): LandingFinding => ({
    rule,
    path,
    lines,
    undone: commits.flatMap(undoneIn(landed)),
  }));
  const announced = explicit.map(({ commit }) => commit);
  if (landing.parents.length !== 2) return { kind: usual, findings: reverts, announced };
  const { hasConflicts, differences } = await recomputedMerge(git, cwd, landing);
  const known = new Set(reverts.map(({ path }) => path));
  const ofMerge = mergeFindings(differences, hasConflicts)
    // Whose change it was says more.
    .filter(({ rule, path }) => rule !== 'merge-lost-main' || !known.has(path))
    .map((found): LandingFinding => ({ ...found, undone: [], lines: [] }));
  return { kind: hasConflicts ? 'by-hand' : 'clean', findings: [...reverts, ...ofMerge], announced };
}

function kindOf({ parents }: Landing): LandingKind {
  if (parents.length === 0) return 'root';
  if (parents.length === 1) return 'commit';
  return parents.length === 2 ? 'clean' : 'octopus';
}

function undoneIn(landed: readonly LandedCommit[]): (oid: Oid) => readonly UndoneCommit[] {
  const byOid = new Map(landed.map((commit) => [commit.oid, commit]));
  return (oid) => {
    const commit = byOid.get(oid);
    if (!commit) return [];
    return [{ oid, author: commit.author, at: commit.at, subject: commit.message.split('\n', 1)[0] ?? '' }];
  };
}
