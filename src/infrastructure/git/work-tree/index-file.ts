import {
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { GitError } from '../../../application/ports/git-workspace';

/** First line of the lock that we make; git itself writes an index there, or nothing. */
const OURS = /^stagegate ([\w-]+) (\S+)\n/;

/**
 * The lock that every git takes before it changes an index. While a landing has it, nobody can commit what was there
 * before on top of what has landed; left by a crash it keeps the next commit from undoing the landing.
 */
export class IndexLock {
  private readonly path: string;
  private readonly aside: string;
  private readonly words: string;

  /** @param holder token of the landing, and the process that lands. @param folder for what appears and goes in one step. */
  constructor(
    private readonly gitDir: string,
    folder: string,
    private readonly holder: Holder,
  ) {
    const { token, worker } = holder;
    this.path = lockOf(gitDir);
    this.aside = join(folder, draftOf(holder));
    const how = 'a landing works here, or was cut short: run land again or start the service, which ends it';
    this.words = `stagegate ${token} ${worker}\n${how}\n`;
  }

  /** @returns false when somebody else has it. Appears with its words in it: at no moment is it nobody's. */
  take(): boolean {
    if (this.isOurs()) return true;
    writeFileSync(this.aside, this.words);
    try {
      linkSync(this.aside, this.path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(this.aside, { force: true });
    }
  }

  /** Also when somebody took it away, and another git has one there now. */
  release(): void {
    rmSync(this.aside, { force: true });
    if (!this.isOurs()) return;
    try {
      renameSync(this.path, this.aside);
    } catch (error) {
      // Somebody was faster.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    if (holderIn(this.aside)?.token !== this.holder.token) linkSync(this.aside, this.path);
    rmSync(this.aside);
  }

  /** As git does it: what was made beside the index takes its place, and the lock is gone by it. @throws GitError GIT_LOCKED */
  commit(index: string): void {
    if (!this.isOurs())
      throw new GitError('GIT_LOCKED', `${this.path}: expected our lock, saw that somebody removed it`);
    renameSync(index, this.path);
    renameSync(this.path, join(this.gitDir, 'index'));
  }

  private isOurs(): boolean {
    return holderIn(this.path)?.token === this.holder.token;
  }
}

export interface Holder {
  readonly token: string;
  readonly worker: string;
}

/** A name that says whose it is: a process that is killed right after it has made a file leaves an empty one. */
function draftOf({ token, worker }: Holder): string {
  return `index-${token}-lock-${Buffer.from(worker).toString('base64url')}`;
}

const DRAFT = /^index-([\w-]+)-lock-(\S+)$/;

/** Who of us has locked an index, or was about to. */
export function holdersIn(gitDir: string, folder: string): readonly Holder[] {
  const drafts = (existsSync(folder) ? readdirSync(folder) : []).flatMap((name) => {
    const [, token, worker] = DRAFT.exec(name) ?? [];
    return token !== undefined && worker !== undefined
      ? [{ token, worker: Buffer.from(worker, 'base64url').toString() }]
      : [];
  });
  const holder = holderIn(lockOf(gitDir));
  return holder === null ? drafts : [holder, ...drafts];
}

function lockOf(gitDir: string): string {
  return join(gitDir, 'index.lock');
}

function holderIn(path: string): Holder | null {
  try {
    const [, token, worker] = OURS.exec(readFileSync(path, 'latin1')) ?? [];
    return token !== undefined && worker !== undefined ? { token, worker } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A copy of the index in which to try what is to be done to it; where nothing was ever checked out there is none. */
export function copyIndex(gitDir: string, to: string): void {
  copyAsOld(join(gitDir, 'index'), to);
}

/**
 * Copies an index with its time. A file changed in the second in which the index was written has the times that git noted: only
 * from an index that is no younger than that does git see that it has to compare the contents.
 */
export function copyAsOld(index: string, to: string): void {
  // What is there is of a landing that was killed: no index of ours has two users.
  for (const left of [to, `${to}.lock`]) rmSync(left, { force: true });
  const stats = statSync(index, { throwIfNoEntry: false });
  if (stats === undefined) return;
  copyFileSync(index, to);
  const second = Math.floor(stats.mtimeMs / 1000);
  utimesSync(to, second, second);
}
