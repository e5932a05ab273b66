import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainGit } from './plain-git';

export const MAIN = 'main';
export const BRANCH = 'replayed';

/** Content of a work tree is what is in the commit, whatever attributes say: what differs by line ends alone is no change. */
const BYTES_AS_THEY_ARE = '* -text -ident -filter -working-tree-encoding\n';

/** Folders of one replay: copies of a repository to land into, and a work tree in which git does the same by itself. */
export class Ground {
  readonly root = mkdtempSync(join(tmpdir(), 'stagegate-replay-'));
  readonly git: PlainGit;

  constructor(private readonly source: string) {
    const home = join(this.root, 'home');
    mkdirSync(home);
    this.git = new PlainGit(home);
  }

  /** A bare copy in which main and the branch are the only branches; tags are as they were. */
  target(name: string): Target {
    const dir = join(this.root, `${name}.git`);
    this.git.text(this.root, ['clone', '--quiet', '--bare', '--template=', this.source, dir]);
    const refs = this.git.lines(dir, ['for-each-ref', '--format=delete %(refname)', 'refs/heads/']);
    this.git.text(dir, ['update-ref', '--stdin'], Buffer.from(refs.map((line) => `${line}\n`).join(''), 'latin1'));
    this.git.text(dir, ['symbolic-ref', 'HEAD', `refs/heads/${MAIN}`]);
    return new Target(this.git, dir);
  }

  /** A clone with a work tree, which shares what the target has. */
  workTree({ dir }: Target): { readonly dir: string; readonly rewritten: string } {
    const work = join(this.root, 'work');
    this.git.text(this.root, ['clone', '--quiet', '--shared', '--no-checkout', '--template=', dir, work]);
    mkdirSync(join(work, '.git', 'info'), { recursive: true });
    appendFileSync(join(work, '.git', 'info', 'attributes'), BYTES_AS_THEY_ARE);
    this.git.text(work, ['config', 'core.autocrlf', 'false']);
    const [hooks, rewritten] = [join(this.root, 'hooks'), join(this.root, 'rewritten')];
    mkdirSync(hooks);
    writeFileSync(join(hooks, 'post-rewrite'), `#!/bin/sh\ncat > '${rewritten}'\n`);
    chmodSync(join(hooks, 'post-rewrite'), 0o755);
    this.git.text(work, ['config', 'core.hooksPath', hooks]);
    return { dir: work, rewritten };
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A repository to land into. */
export class Target {
  constructor(
    private readonly git: PlainGit,
    readonly dir: string,
  ) {}

  /** Makes main and the branch what they were before a merge. */
  rewind({ base, head }: { readonly base: string; readonly head: string }): void {
    const lines = `update refs/heads/${MAIN} ${base}\nupdate refs/heads/${BRANCH} ${head}\n`;
    this.git.text(this.dir, ['update-ref', '--stdin'], Buffer.from(lines));
  }

  main(): string {
    return this.git.text(this.dir, ['rev-parse', `refs/heads/${MAIN}`]);
  }

  /** Everything a landing must leave alone: main and what is the service's are not in it. */
  rest(): string {
    const refs = this.git
      .lines(this.dir, ['for-each-ref', '--format=%(refname) %(objectname) %(symref)'])
      .filter((line) => !line.startsWith('refs/stagegate/') && !line.startsWith(`refs/heads/${MAIN} `));
    return [...refs, ...['HEAD', 'config'].map((name) => readFileSync(join(this.dir, name), 'latin1'))].join('\n');
  }
}
