import type { RepositoryFacts, RepositoryRef } from './ports/git-workspace';

export interface RepositoryRefusal {
  readonly code:
    | 'unknown-main'
    | 'branch-is-main'
    | 'unknown-branch'
    | 'unrelated-history'
    | 'main-checked-out'
    | 'incomplete-repository'
    | 'unsupported-content';
  /** What it is about: the branch that was named, main, or the repository as it is. */
  readonly about: 'branch' | 'main' | 'repository';
  /** What was expected, what was seen, what to do. */
  readonly text: string;
}

/** Why a branch cannot enter the pipeline of this repository, found before anything starts; null when it can. */
export function repositoryRefusal(
  { path, main }: RepositoryRef,
  branch: string,
  facts: RepositoryFacts,
): RepositoryRefusal | null {
  const noMain = unknownMain({ path, main }, facts);
  if (noMain) return noMain;
  if (branch === main) {
    return refusal('branch-is-main', 'branch', `expected a branch other than ${main}, which is where it lands`);
  }
  if (facts.branchOid === null) {
    return refusal('unknown-branch', 'branch', `expected a branch of ${path}, saw no ${branch}; push it first`);
  }
  const unfit = cannotFollow(main, facts) ?? incomplete(path, facts);
  if (unfit) return unfit;
  if (facts.isUnrelated) {
    const text = `expected ${branch} to have a commit in common with ${main}, saw none; rebase it onto ${main}`;
    return refusal('unrelated-history', 'branch', text);
  }
  return unsupported(facts);
}

/** Why nothing at all can land in this repository as it is; null when something can. */
export function mainRefusal(repository: RepositoryRef, facts: RepositoryFacts): RepositoryRefusal | null {
  return (
    unknownMain(repository, facts) ??
    cannotFollow(repository.main, facts) ??
    incomplete(repository.path, facts) ??
    unsupported(facts)
  );
}

/** What runs of it could not be given. */
function unsupported({ unsupported: [first, ...others] }: RepositoryFacts): RepositoryRefusal | null {
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return refusal('unsupported-content', 'branch', `${first}${more}`);
}

function unknownMain(
  { path, main }: Pick<RepositoryRef, 'path' | 'main'>,
  facts: RepositoryFacts,
): RepositoryRefusal | null {
  if (facts.mainOid !== null) return null;
  return refusal('unknown-main', 'main', `expected a branch of ${path}, saw no ${main}; name the one where it lands`);
}

const HOW_COMPLETE = {
  shallow: ['a shallow clone', 'run "git fetch --unshallow" there'],
  partial: ['a partial clone', 'clone it anew without --filter'],
} as const;

function incomplete(path: string, { incomplete: what }: RepositoryFacts): RepositoryRefusal | null {
  if (what === null) return null;
  const [seen, how] = HOW_COMPLETE[what];
  return refusal('incomplete-repository', 'repository', `expected all of the history in ${path}, saw ${seen}; ${how}`);
}

const HOW_TO_FOLLOW = {
  gone: 'that folder is gone: run "git worktree prune"',
  several: 'only one work tree can follow a landing: run "git switch --detach" in the others',
  unknown:
    'its git directory does not say where the files are: run "git config core.worktree" there, with their folder',
} as const;

function cannotFollow(main: string, facts: RepositoryFacts): RepositoryRefusal | null {
  const { mainCheckedOutAt: at, cannotFollow: why } = facts;
  if (at === null || why === null) return null;
  const text = `expected the files of ${main} to be where they can follow, is checked out at ${at}; ${HOW_TO_FOLLOW[why]}`;
  return refusal('main-checked-out', 'main', text);
}

function refusal(code: RepositoryRefusal['code'], about: RepositoryRefusal['about'], text: string): RepositoryRefusal {
  return { code, about, text };
}
