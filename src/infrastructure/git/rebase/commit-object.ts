import { GitError } from '../../../application/ports/git-workspace';
import { formatOf } from '../own-clone/clone-files';
import type { Committer } from './committer';
import type { Git } from '../command/git-command';

/** One commit as it stands in the repository. Texts are latin1: a character for each byte, in whatever encoding they are. */
export interface CommitObject {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** Header lines that a copy keeps: who wrote it, and the encoding of its words. */
  readonly kept: readonly string[];
  readonly message: string;
  readonly isSigned: boolean;
}

/** Signatures sign what a copy is no more; git drops them and everything else that it does not know, too. */
const KEPT = /^(?:author|encoding) /;
const SIGNATURE = /^gpgsig(?:-sha256)? /;

export async function readCommits(git: Git, cwd: string, oids: readonly string[]): Promise<readonly CommitObject[]> {
  const input = oids.map((oid) => `${oid}\n`).join('');
  // The end of the last one is a line feed, which is taken from what a command prints.
  let rest = `${await git.text(['cat-file', '--batch'], { cwd, input, encoding: 'latin1' })}\n`;
  return oids.map((oid) => {
    const start = rest.indexOf('\n') + 1;
    const end = start + Number(rest.slice(0, start - 1).split(' ')[2]);
    const commit = parseCommit(oid, rest.slice(start, end));
    rest = rest.slice(end + 1);
    return commit;
  });
}

function parseCommit(oid: string, text: string): CommitObject {
  const end = text.indexOf('\n\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\n');
  const valuesOf = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return {
    oid,
    tree: valuesOf('tree')[0] ?? '',
    parents: valuesOf('parent'),
    kept: lines.filter((line) => KEPT.test(line)),
    message: end < 0 ? '' : text.slice(end + 2),
    isSigned: lines.some((line) => SIGNATURE.test(line)),
  };
}

/** Stores the same change on another parent, with author, words and their encoding byte by byte. */
export function writeCopy(
  git: Git,
  cwd: string,
  { kept, message }: CommitObject,
  { tree, parent, committer }: { readonly tree: string; readonly parent: string; readonly committer: Committer },
): Promise<string> {
  return writeCommit(git, cwd, { tree, parents: [parent], kept, message, committer });
}

/** Stores a commit as it is given. */
export async function writeCommit(
  git: Git,
  cwd: string,
  commit: Pick<CommitObject, 'tree' | 'parents' | 'kept' | 'message'> & { readonly committer: Committer },
): Promise<string> {
  const { tree, parents, kept, message, committer } = commit;
  const [author = '', ...rest] = kept;
  if (!author.startsWith('author ')) throw new GitError('GIT_FAILED', 'expected a commit to name its author, saw none');
  const parentLines = parents.map((parent) => `parent ${parent}`);
  const header = [`tree ${tree}`, ...parentLines, author, `committer ${committer.ident}`, ...rest].join('\n');
  const signature = await committer.sign(Buffer.from(`${header}\n\n${message}`, 'latin1'));
  const input = Buffer.from(`${[header, ...signatureHeader(signature, tree)].join('\n')}\n\n${message}`, 'latin1');
  return git.text(['hash-object', '-t', 'commit', '-w', '--stdin'], { cwd, input });
}

/** It comes last, and its lines go on behind a space. A repository of SHA-256 has a name of its own for it. */
function signatureHeader(signature: string | null, tree: string): readonly string[] {
  if (signature === null) return [];
  return [`${formatOf(tree) === 'sha256' ? 'gpgsig-sha256' : 'gpgsig'} ${signature.trimEnd().replaceAll('\n', '\n ')}`];
}
