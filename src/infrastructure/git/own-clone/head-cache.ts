import type { FetchedHeads, RepositoryRef } from '../../../application/ports/git-workspace';
import { BoundedMap } from '../../../application/bounded-map';
import type { TaskId } from '../../../domain/ids';
import type { CloneView } from './clone-view';
import { baseAndHeadIn } from '../fetching/fetch-heads';
import { branchRef } from '../command/names';
import type { Brought } from '../fetching/quick-fetch';
import { refFacts } from '../landing/ref-facts';
import { together } from '../../../application/together';

/** Of these only names are kept. */
const MOST = 1_000;

/** What was fetched for tasks, so that jobs that follow each other ask for names alone where nothing has moved. */
export class HeadCache {
  private readonly known = new BoundedMap<TaskId, FetchedHeads>(MOST);
  private readonly lastOf = new Map<string, Brought>();

  note({ project }: RepositoryRef, task: TaskId, heads: FetchedHeads): void {
    this.known.set(task, heads);
    this.lastOf.set(project, { task, baseOid: heads.baseOid });
  }

  /** What was fetched last for a task of the project. */
  last({ project }: RepositoryRef): Brought | undefined {
    return this.lastOf.get(project);
  }

  /** @returns what a fetch would say, if it would bring nothing; null when only a fetch can tell. */
  async stillThere(
    view: CloneView,
    { path, main }: RepositoryRef,
    { task, branch }: { readonly task: TaskId; readonly branch: string },
  ): Promise<FetchedHeads | null> {
    const heads = this.known.get(task);
    if (!heads) return null;
    const names = [branchRef(main), branchRef(branch)] as const;
    const [there, here] = await together(refFacts(view.git, path, names), baseAndHeadIn(view, task));
    const [base, head] = names.map((name) => there.get(name)?.oid);
    const isThere = base === heads.baseOid && head === heads.headOid;
    const isHere = here.baseOid === base && here.headOid === head && here.headTree === heads.headTree;
    return isThere && isHere ? heads : null;
  }
}
