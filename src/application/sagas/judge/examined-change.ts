import {
  judgeChange,
  judgedEntries,
  judgeScope,
  textsNeeded,
  type JudgeFile,
  type TrialPlan,
} from '../../../domain/gates/judge/judge-change';
import { judgeKind } from '../../../domain/gates/judge/judged-paths';
import { OWNERS_FILES, ownersIn, type Owners } from '../../../domain/gates/judge/owners';
import type { Oid } from '../../../domain/ids';
import type { JudgePolicy, SuitePolicy } from '../../../domain/policy/project-policy';
import type { GitWorkspace, RepositoryRef } from '../../ports/git-workspace';
import { commandText } from '../suite-run';

/** What a change does to what judges it, by the rules alone. */
export interface ExaminedChange {
  readonly files: readonly JudgeFile[];
  readonly protected: readonly string[];
  readonly plan: TrialPlan;
  /** As main has them: no branch says who owns its own files. */
  readonly owners: Owners;
}

/** The file that says what `npm test` runs. */
const MANIFEST = 'package.json';

/**
 * Holds a candidate against main's commit below it.
 *
 * @param suite whose commands may name files that judge.
 */
export async function examine(
  git: GitWorkspace,
  repository: RepositoryRef,
  { newOid, baseOid }: { readonly newOid: Oid; readonly baseOid: Oid },
  {
    policy,
    suite,
  }: { readonly policy: Pick<JudgePolicy, 'paths' | 'ignore' | 'protect'>; readonly suite: SuitePolicy },
): Promise<ExaminedChange> {
  const entries = await git.changedEntries(repository, { from: baseOid, to: newOid });
  const { files, links } = await git.treeFiles(repository, baseOid);
  const ownersFile = OWNERS_FILES.map((path) => files.get(path)).find((file) => file !== undefined);
  const manifest = files.get(MANIFEST);
  const ofMain = await git.blobTexts(
    repository,
    [ownersFile, manifest].flatMap((file) => (file ? [file.oid] : [])),
  );
  const textOf = (file: typeof manifest) => (file && ofMain.get(file.oid)) ?? null;
  const command = [suite.setup, suite.suite].flatMap((line) => (line === null ? [] : [commandText(line)])).join(' ');
  const { paths, ignore, protect } = policy;
  const scope = judgeScope({ paths, ignore, files, links, manifest: textOf(manifest), command });
  const judged = judgedEntries(scope, entries);
  const texts = await git.blobTexts(repository, textsNeeded(scope, judged));
  const change = judgeChange(scope, judged, { texts: (oid) => texts.get(oid) ?? null, command });
  const isProtected = (path: string) =>
    protect.length > 0 && judgeKind(path, { paths: protect, ignore: [], named: new Set() }) === 'named';
  return {
    ...change,
    protected: change.files.map(({ path }) => path).filter(isProtected),
    owners: ownersIn(textOf(ownersFile)),
  };
}
