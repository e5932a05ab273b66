import { join } from 'node:path';
import type { ChangedEntry, TreeFile, TrialPlan } from '../../../domain/gates/judge/judge-change';
import type { Oid } from '../../../domain/ids';
import { GitError } from '../../../application/ports/git-workspace';
import { sizesOf, textsOf } from '../command/blobs';
import type { Git } from '../command/git-command';

/** No one writes larger tests; what is larger is not looked into. */
const MOST_TEXT_BYTES = 1024 * 1024;
/** Of all of them together, so that a change of very many files takes no more memory than that. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Length of a link's target. */
const MOST_LINK_BYTES = 4_096;

const LINK = '120000';
const GONE = /^0+$/;

/** Paths in which two commits differ, without renames: no program and no filter of the repository takes part. */
export async function changedEntries(
  git: Git,
  cwd: string,
  { from, to }: { readonly from: Oid; readonly to: Oid },
): Promise<readonly ChangedEntry[]> {
  const args = [
    'diff-tree',
    '-r',
    '-z',
    '--raw',
    '--no-renames',
    '--no-relative',
    '--ignore-submodules=none',
    from,
    to,
  ];
  const fields = (await git.text(args, { cwd })).split('\0');
  const entries: ChangedEntry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', oldOid = '', newOid = ''] = (fields[at] ?? '').slice(1).split(' ');
    const [before, after] = [fileOf(oldMode, oldOid), fileOf(newMode, newOid)];
    entries.push({ path: fields[at + 1] ?? '', before, after });
  }
  return entries;
}

/** All files of a commit, and where its links lead. */
export async function treeFiles(
  git: Git,
  cwd: string,
  oid: Oid,
): Promise<{ readonly files: ReadonlyMap<string, TreeFile>; readonly links: ReadonlyMap<string, string> }> {
  const listed = await git.text(['ls-tree', '-r', '-z', '--full-tree', oid], { cwd });
  const files = new Map<string, TreeFile>();
  for (const entry of listed.split('\0')) {
    const tab = entry.indexOf('\t');
    if (tab < 0) continue;
    const [mode = '', , blob = ''] = entry.slice(0, tab).split(' ');
    files.set(entry.slice(tab + 1), { mode, oid: blob });
  }
  const links = [...files].filter(([, { mode }]) => mode === LINK);
  const targets = await blobTexts(
    git,
    cwd,
    links.map(([, file]) => file.oid),
    MOST_LINK_BYTES,
  );
  return { files, links: new Map(links.map(([path, { oid: blob }]) => [path, targets.get(blob) ?? '/'])) };
}

/** Texts of blobs. What is too large, has a zero byte, or comes when much was read already is left out. */
export async function blobTexts(
  git: Git,
  cwd: string,
  oids: readonly Oid[],
  mostBytes = MOST_TEXT_BYTES,
): Promise<ReadonlyMap<Oid, string>> {
  const blobs = [...new Set(oids)].map((oid) => ({ oid }));
  if (blobs.length === 0) return new Map();
  const sizes = await sizesOf(git, cwd, blobs);
  let left = MOST_BYTES;
  const read = blobs.filter((_, at) => {
    const size = sizes[at] ?? Infinity;
    // Compared this way round, NaN is too large.
    const fits = size <= mostBytes && size <= left;
    if (fits) left -= size;
    return fits;
  });
  if (read.length === 0) return new Map();
  const texts = await textsOf(git, cwd, read);
  return new Map(
    read.flatMap(({ oid }, at) => {
      const text = Buffer.from(texts[at] ?? '', 'latin1').toString('utf8');
      return text.includes('\0') ? [] : [[oid, text] as const];
    }),
  );
}

/**
 * Makes a commit on top of another one that differs from it as a plan says. The same plan makes the same tree, and the same commit. Nothing
 * names it: who clones it does so soon.
 */
export async function commitTrial(
  git: Git,
  cwd: string,
  { onto, plan }: { readonly onto: Oid; readonly plan: TrialPlan },
): Promise<{ readonly oid: Oid; readonly treeOid: Oid }> {
  const strange = [...plan.put, ...plan.write].find(({ path }) => path.includes('\ufffd'))?.path;
  // Its bytes are lost: what would be put in place is another file, and what it should replace would stay.
  if (strange !== undefined)
    throw new GitError('GIT_UNSUPPORTED', `expected names of tests in UTF-8, saw ${strange}; rename it`);
  const variables = { GIT_INDEX_FILE: join(cwd, 'trial-index') };
  await git.run(['read-tree', onto], { cwd, variables });
  const written: string[] = [];
  for (const { path, mode, text } of plan.write) {
    const blob = await git.text(['hash-object', '-w', '--stdin'], { cwd, input: text });
    written.push(`${mode} ${blob}\t${path}\0`);
  }
  const none = '0'.repeat(onto.length);
  // What is left out goes first: a folder may be in the place of a file.
  const lines = [
    ...plan.leaveOut.map((path) => `0 ${none}\t${path}\0`),
    ...plan.put.map(({ mode, oid, path }) => `${mode} ${oid}\t${path}\0`),
    ...written,
  ];
  await git.run(['update-index', '-z', '--index-info'], { cwd, variables, input: lines.join('') });
  const treeOid = await git.text(['write-tree', '--missing-ok'], { cwd, variables });
  const words = "main's tests on the candidate";
  const oid = await git.text(['commit-tree', treeOid, '-p', onto, '-m', words], { cwd, variables: NOBODY });
  return { oid, treeOid };
}

/** The same at all times, so that the same tree is the same commit. */
const NOBODY = {
  GIT_AUTHOR_NAME: 'stagegate',
  GIT_AUTHOR_EMAIL: 'stagegate@localhost',
  GIT_AUTHOR_DATE: '@0 +0000',
  GIT_COMMITTER_NAME: 'stagegate',
  GIT_COMMITTER_EMAIL: 'stagegate@localhost',
  GIT_COMMITTER_DATE: '@0 +0000',
};

function fileOf(mode: string, oid: string): TreeFile | null {
  return GONE.test(mode) ? null : { mode, oid };
}
