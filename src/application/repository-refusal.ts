import type { RepositoryFacts, RepositoryRef } from './ports/git-workspace';

export interface RepositoryRefusal {
  readonly code: 'unknown-main' | 'branch-is-main' | 'unknown-branch' | 'main-checked-out' | 'unsupported-content';
  /** Whose fault it is: the branch that was named, or the state of the repository. */
  readonly about: 'branch' | 'main';
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
  const held = mainCheckedOut(main, facts);
  if (held) return held;
  if (facts.unsupported.length > 0) {
    const text = `expected no ${facts.unsupported.join(' and no ')} in ${branch}, which are not supported yet`;
    return refusal('unsupported-content', 'branch', text);
  }
  return null;
}

/** Why nothing at all can land in this repository as it is; null when something can. */
export function mainRefusal(repository: RepositoryRef, facts: RepositoryFacts): RepositoryRefusal | null {
  return unknownMain(repository, facts) ?? mainCheckedOut(repository.main, facts);
}

function unknownMain(
  { path, main }: Pick<RepositoryRef, 'path' | 'main'>,
  facts: RepositoryFacts,
): RepositoryRefusal | null {
  if (facts.mainOid !== null) return null;
  return refusal('unknown-main', 'main', `expected a branch of ${path}, saw no ${main}; name the one where it lands`);
}

function mainCheckedOut(main: string, { mainCheckedOutAt }: RepositoryFacts): RepositoryRefusal | null {
  if (mainCheckedOutAt === null) return null;
  const how = 'run "git switch --detach" there, or land in a bare clone and pull';
  const text = `expected ${main} not to be checked out, is at ${mainCheckedOutAt}; ${how}`;
  return refusal('main-checked-out', 'main', text);
}

function refusal(code: RepositoryRefusal['code'], about: RepositoryRefusal['about'], text: string): RepositoryRefusal {
  return { code, about, text };
}
