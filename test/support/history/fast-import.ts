import { isSame, type Files } from './files';

/** A commit that a stream has. */
export interface Node {
  readonly mark: number;
  readonly files: Files;
  readonly parents: readonly Node[];
}

export interface Words {
  readonly message: string;
  /** What they are written in; UTF-8 by default. */
  readonly encoding?: 'ISO-8859-1';
}

/** A history in the language of `git fast-import`. */
export class FastImport {
  /** A character for each byte. */
  private readonly parts: string[] = [];
  private mark = 0;

  /** @param commit `parents`: the first one is what it goes on from, the others are merged. */
  commit(ref: string, { files, parents, message, encoding }: Omit<Node, 'mark'> & Words): Node {
    this.mark += 1;
    const written = (text: string) => (encoding === undefined ? utf8(text) : text);
    const who = (role: string) => `${role} ${written('Ann Ö')} <ann@example.org> ${1_700_000_000 + this.mark} +0130\n`;
    const [first, ...others] = parents;
    const before: Files = first?.files ?? new Map();
    const changes = [
      ...[...before.keys()].filter((path) => !files.has(path)).map((path) => `D ${utf8(path)}\n`),
      ...[...files].flatMap(([path, entry]) => {
        if (isSame(entry, before.get(path))) return [];
        const { mode, text } = entry;
        return mode === '160000'
          ? `M ${mode} ${text} ${path}\n`
          : `M ${mode} inline ${utf8(path)}\n${data(utf8(text))}`;
      }),
    ];
    this.parts.push(
      `commit ${ref}\nmark :${this.mark}\n${who('author')}${who('committer')}`,
      encoding === undefined ? '' : `encoding ${encoding}\n`,
      data(written(message)),
      first ? `from :${first.mark}\n` : '',
      ...others.map(({ mark }) => `merge :${mark}\n`),
      `${changes.join('')}\n`,
    );
    return { mark: this.mark, files, parents };
  }

  bytes(): Uint8Array {
    return Buffer.from(this.parts.join(''), 'latin1');
  }
}

const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const data = (bytes: string) => `data ${bytes.length}\n${bytes}\n`;
