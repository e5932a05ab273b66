import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Git } from '../../../../src/infrastructure/git/command/git-command';
import { silentReverts } from '../../../../src/infrastructure/git/reverts/silent-reverts';
import { GitBed } from '../git-bed';

export const TEN = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n';

export type Files = Readonly<Record<string, string>>;

/** A repository in which main goes on, and a branch `feature` that may take some of it back. */
export class RevertBed extends GitBed {
  /** What the branch, on top of main as it is, undoes: rule, path, and how its commits begin. */
  async found({ window = 500, git = new Git(), head = 'feature' } = {}) {
    const question = {
      mainName: 'main',
      base: this.oid('main'),
      candidate: this.oid('feature'),
      head: this.oid(head),
      window,
    };
    const answer = await silentReverts(git, this.work, question);
    const subjects = answer.landed.map(({ message }) => message.split('\n')[0]);
    return { ...answer, rules: answer.silent.map(({ rule, path }) => `${rule} ${path}`), subjects };
  }

  oid(name: string): string {
    return this.git(['rev-parse', name]).trim();
  }

  main(files: Files, message = 'More'): void {
    this.git(['switch', '--quiet', 'main']);
    this.put(files, message);
  }

  /** A branch on main's newest commit, or another one, that has these files besides, or in their place. */
  branch(files: Files, { message = 'My work', from = 'main' } = {}): void {
    this.git(['switch', '--quiet', '-C', 'feature', from]);
    this.put({ ...files, 'own.js': `own ${message}\n` }, message);
  }

  put(files: Files, message: string): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.work, path)), { recursive: true });
      writeFileSync(join(this.work, path), text);
    }
    this.git(['add', '--all']);
    this.record(message);
  }

  record(message: string): void {
    this.git(['commit', '--quiet', '-m', message]);
  }
}
