import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface File {
  readonly mode: '100644' | '100755';
  readonly lines: readonly string[];
}

export type Tree = ReadonlyMap<string, File>;

export interface Commit {
  readonly oid: string;
  readonly mark: number;
  readonly tree: Tree;
  readonly parents: readonly Commit[];
}

/** Commits that are told to git all at once: thousands take a second. */
export class Trees {
  private readonly parts: string[] = [];
  private marks = 0;

  commit(tree: Tree, parents: readonly Commit[], message: string): Commit {
    const mark = (this.marks += 1);
    const who = `Author ${mark % 7} <author${mark % 7}@example.com> ${1_700_000_000 + mark * 60} +0000`;
    const [first, ...others] = parents;
    this.parts.push(
      first ? '' : 'reset refs/heads/all\n\n',
      `commit refs/heads/all\nmark :${mark}\nauthor ${who}\ncommitter ${who}\n${dataOf(message)}`,
      first ? `from :${first.mark}\n` : '',
      ...others.map((other) => `merge :${other.mark}\n`),
      ...changesOf(first?.tree ?? new Map(), tree),
      '\n',
    );
    const header = [`tree ${treeOid(tree)}`, ...parents.map(({ oid }) => `parent ${oid}`), `author ${who}`];
    const oid = objectOid('commit', Buffer.from(`${header.join('\n')}\ncommitter ${who}\n\n${message}`));
    return { oid, mark, tree, parents };
  }

  /** @returns the folder of a bare repository that has all of them. */
  write(root: string): string {
    const dir = join(root, 'all.git');
    execFileSync('git', ['init', '--quiet', '--bare', dir]);
    execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: dir, input: this.parts.join('') });
    return dir;
  }
}

function changesOf(before: Tree, after: Tree): readonly string[] {
  const gone = [...before.keys()].filter((path) => !after.has(path)).map((path) => `D ${path}\n`);
  const changed = [...after].filter(([path, file]) => before.get(path) !== file);
  return [...gone, ...changed.map(([path, file]) => `M ${file.mode} inline ${path}\n${dataOf(textOf(file))}`)];
}

function treeOid(tree: Tree): string {
  const folders = new Map<string, Map<string, File>>();
  const entries: { readonly name: string; readonly mode: string; readonly oid: string; readonly key: string }[] = [];
  for (const [path, file] of tree) {
    const slash = path.indexOf('/');
    if (slash < 0) entries.push({ name: path, mode: file.mode, oid: blobOid(file), key: path });
    else {
      const folder = folders.get(path.slice(0, slash)) ?? new Map<string, File>();
      folders.set(path.slice(0, slash), folder.set(path.slice(slash + 1), file));
    }
  }
  for (const [name, folder] of folders) entries.push({ name, mode: '40000', oid: treeOid(folder), key: `${name}/` });
  entries.sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)));
  const parts = entries.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]);
  return objectOid('tree', Buffer.concat(parts));
}

const blobs = new WeakMap<File, string>();

function blobOid(file: File): string {
  const known = blobs.get(file) ?? objectOid('blob', Buffer.from(textOf(file)));
  blobs.set(file, known);
  return known;
}

function objectOid(type: string, content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

function textOf({ lines }: File): string {
  return lines.map((line) => `${line}\n`).join('');
}

function dataOf(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
