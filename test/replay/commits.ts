import type { PlainGit } from './plain-git';

/** A commit byte by byte, as latin1. */
export interface RawCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly encoding: string;
  readonly message: string;
}

export function rawCommits(git: PlainGit, cwd: string, oids: readonly string[]): readonly RawCommit[] {
  const input = Buffer.from(oids.map((oid) => `${oid}\n`).join(''));
  let rest = `${git.text(cwd, ['cat-file', '--batch'], input)}\n`;
  return oids.map((oid) => {
    const [, head = '', type = '', size = ''] = /^(\S+) (\S+) (\d+)\n/.exec(rest) ?? [];
    if (head !== oid || type !== 'commit') throw new Error(`expected commit ${oid}, saw ${rest.slice(0, 80)}`);
    const start = rest.indexOf('\n') + 1;
    const text = rest.slice(start, start + Number(size));
    rest = rest.slice(start + Number(size) + 1);
    return parsed(text);
  });
}

function parsed(text: string): RawCommit {
  const end = text.indexOf('\n\n');
  const header = end < 0 ? text : text.slice(0, end);
  const all = (key: string) => [...header.matchAll(new RegExp(`^${key} (.*)$`, 'gm'))].map(([, value = '']) => value);
  return {
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: all('author')[0] ?? '',
    encoding: all('encoding')[0] ?? '',
    message: end < 0 ? '' : text.slice(end + 2),
  };
}
