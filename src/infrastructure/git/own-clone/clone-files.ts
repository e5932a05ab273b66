import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ObjectFormat = 'sha1' | 'sha256';

/** All that git is configured with in a clone of the service's own. */
export function configOf(format: ObjectFormat): string {
  return [
    ...basicConfig(format, { isBare: true }),
    '[uploadpack]',
    // Runs get the very commit that they are about, whether or not a ref names it.
    '\tallowAnySHA1InWant = true',
    '',
  ].join('\n');
}

/** The lines without which a folder is no repository of that format. */
export function basicConfig(format: ObjectFormat, { isBare }: { readonly isBare: boolean }): readonly string[] {
  const isPlain = format === 'sha1';
  return [
    '[core]',
    `\trepositoryformatversion = ${isPlain ? 0 : 1}`,
    '\tfilemode = true',
    `\tbare = ${isBare}`,
    ...(isPlain ? [] : ['[extensions]', '\tobjectformat = sha256']),
  ];
}

const SHA256_DIGITS = 64;

/** The format of the repository that an object is in. */
export function formatOf(oid: string): ObjectFormat {
  return oid.length === SHA256_DIGITS ? 'sha256' : 'sha1';
}

/** What git would read or run of a repository beside its objects and refs. The service puts nothing there. */
const FOREIGN = [
  'config.worktree',
  'commondir',
  'hooks',
  'info/attributes',
  'info/grafts',
  'objects/info/alternates',
  'objects/info/http-alternates',
];

/** @returns what is not as the service has made it; null when all is. Looks at names, types and one small file only. */
export function objectionTo(clone: string, format: ObjectFormat): string | null {
  for (const folder of ['.', 'objects', 'refs']) if (!isFolder(join(clone, folder))) return `${folder} is no folder`;
  for (const file of ['HEAD', 'config'])
    if (!lstatSync(join(clone, file), { throwIfNoEntry: false })?.isFile()) return `${file} is no plain file`;
  if (readFileSync(join(clone, 'config'), 'utf8') !== configOf(format)) return 'config is not as it was written';
  const foreign = FOREIGN.find((name) => lstatSync(join(clone, name), { throwIfNoEntry: false }) !== undefined);
  return foreign === undefined ? null : `${foreign} is there, which nobody of the service writes`;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** As its configuration says; whatever that says beside it is for `objectionTo` to see. */
export function formatIn(clone: string): ObjectFormat {
  const path = join(clone, 'config');
  const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  return isFile && readFileSync(path, 'utf8') === configOf('sha256') ? 'sha256' : 'sha1';
}

/** Whether anything stands where a clone has to be; a link to nowhere does. */
export function isThere(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
