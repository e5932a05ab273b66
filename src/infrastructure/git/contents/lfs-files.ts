import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sizesOf, textsOf } from '../command/blobs';
import type { Git } from '../command/git-command';
import type { TreeContents } from './tree-contents';

/** A file whose content Git LFS keeps; the tree has a pointer to it. */
export interface LfsFile {
  /** Byte by byte (latin1). */
  readonly path: string;
  /** SHA-256 of the content. */
  readonly contentOid: string;
}

/** A pointer is at least as long as its first line, and git-lfs takes none longer. */
const POINTER_BYTES = { min: 120, below: 1_024 };
const POINTER =
  /^version https?:\/\/(?:git-lfs\.github\.com\/spec\/v1|hawser\.github\.com\/spec\/v1|git-media\.io\/v\/2)\n(?:[^\n]*\n)*?oid sha256:([0-9a-f]{64})\n/;

/**
 * The files of a commit that Git LFS keeps: by the attributes that apply to each path, and of those only the pointers. A
 * `.gitattributes` that speaks of LFS for what is not there makes none.
 *
 * @param place `scratch` is a folder that may be made; an index is written in there.
 */
export async function lfsFilesIn(
  git: Git,
  { gitDir, scratch }: { readonly gitDir: string; readonly scratch: string },
  { oid, contents }: { readonly oid: string; readonly contents: TreeContents },
): Promise<readonly LfsFile[]> {
  if (!contents.hasAttributes || !(await mayHaveLfs(git, gitDir, oid))) return [];
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const variables = { GIT_DIR: gitDir, GIT_WORK_TREE: scratch, GIT_INDEX_FILE: join(scratch, 'index') };
  const at = { cwd: scratch, variables, encoding: 'latin1' } as const;
  await git.run(['read-tree', oid], at);
  const blobs = blobsIn(await git.text(['ls-files', '--stage', '-z'], at));
  const input = Buffer.from([...blobs.keys()].map((path) => `${path}\0`).join(''), 'latin1');
  const said = (await git.text(['check-attr', '--cached', '--stdin', '-z', 'filter'], { ...at, input })).split('\0');
  const filtered = [...blobs].filter((_blob, index) => said[index * 3 + 2] === 'lfs');
  return pointersAmong(
    git,
    gitDir,
    filtered.map(([path, of]) => ({ path, oid: of })),
  );
}

/** Cheap, and enough for nearly all: who uses it says so in these words. */
async function mayHaveLfs(git: Git, cwd: string, oid: string): Promise<boolean> {
  const places = ['.gitattributes', '*/.gitattributes'];
  const args = ['grep', '-l', '--fixed-strings', '-e', 'filter=lfs', oid, '--', ...places];
  return (await git.run(args, { cwd, answers: [0, 1] })).exitCode === 0;
}

/** Ordinary files by their paths: links and other repositories pass no filter. */
function blobsIn(listing: string): ReadonlyMap<string, string> {
  const lines = listing.split('\0').filter((line) => line.startsWith('100'));
  return new Map(
    lines.map((line) => {
      const tab = line.indexOf('\t');
      return [line.slice(tab + 1), line.slice(0, tab).split(' ')[1] ?? ''];
    }),
  );
}

async function pointersAmong(
  git: Git,
  cwd: string,
  files: readonly { readonly path: string; readonly oid: string }[],
): Promise<readonly LfsFile[]> {
  if (files.length === 0) return [];
  const sizes = await sizesOf(git, cwd, files);
  const short = files.filter((_file, index) => {
    const bytes = sizes[index] ?? 0;
    return bytes >= POINTER_BYTES.min && bytes < POINTER_BYTES.below;
  });
  if (short.length === 0) return [];
  const texts = await textsOf(git, cwd, short);
  return short.flatMap(({ path }, index) => {
    const [, contentOid] = POINTER.exec(texts[index] ?? '') ?? [];
    return contentOid === undefined ? [] : [{ path, contentOid }];
  });
}
