import { randomUUID } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../../application/ports/logger';
import { configOf, isThere, objectionTo, type ObjectFormat } from './clone-files';
import { openView } from './clone-view';
import { FETCH_OPTIONS } from '../fetching/fetch-heads';
import { removeTree, type WorkFolders } from '../run-clone/work-folders';

/** Longest copy of what a clone holds into the one that takes its place. What is not copied by then is made again. */
const CARRY_MS = 120_000;

/** An own clone as it was found. */
export interface KeptClone {
  readonly path: string;
  /** False once another one has taken its place. */
  isInPlace(): boolean;
}

/** Sees to it that own clones are there, and as the service has made them. */
export class CloneKeeper {
  private readonly repos: string;
  /** One at a time for each project: of two that make it anew at once, one would lose what it has copied. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    stateDir: string,
    private readonly folders: WorkFolders,
    private readonly logger: Logger | null,
  ) {
    this.repos = join(stateDir, 'repos');
  }

  /** Made when missing, and made anew when not as it was made. */
  ready(project: string, format: ObjectFormat): Promise<KeptClone> {
    const before = this.turns.get(project) ?? Promise.resolve();
    const turn = before.then(() => this.made(project, format));
    this.turns.set(
      project,
      turn.catch(() => undefined),
    );
    return turn;
  }

  pathOf(project: string): string {
    return join(this.repos, `${project}.git`);
  }

  /** Out of the way at once; who works with it still fails and comes back. */
  async discard(clone: string, reason: string): Promise<void> {
    const away = join(this.repos, `.${randomUUID()}`);
    const isMoved = await rename(clone, away).then(
      () => true,
      () => false,
    );
    // Somebody else was faster.
    if (!isMoved) return;
    this.logger?.warn('own clone is made anew', { clone, reason });
    await removeTree(away);
  }

  private async made(project: string, format: ObjectFormat): Promise<KeptClone> {
    const clone = this.pathOf(project);
    if (!isThere(clone)) await this.put(clone, format, null);
    const objection = objectionTo(clone, format);
    if (objection !== null) await this.put(clone, format, objection);
    const made = inodeOf(clone);
    return { path: clone, isInPlace: () => inodeOf(clone) === made };
  }

  /** Made beside and moved into place: two processes may start at once, and one may die half way. */
  private async put(clone: string, format: ObjectFormat, objection: string | null): Promise<void> {
    const part = join(this.repos, `.${randomUUID()}`);
    for (const folder of ['objects', 'refs']) await mkdir(join(part, folder), { recursive: true, mode: 0o700 });
    await writeFile(join(part, 'HEAD'), 'ref: refs/heads/none\n', { mode: 0o600 });
    await writeFile(join(part, 'config'), configOf(format), { mode: 0o600 });
    if (objection !== null) {
      await this.carryOver(clone, part, format);
      await this.discard(clone, objection);
    }
    await rename(part, clone).catch(async (error: unknown) => {
      await removeTree(part);
      if (!lstatSync(clone, { throwIfNoEntry: false })?.isDirectory()) throw error;
    });
  }

  /** Refs and their objects, checked by git as they come: jobs that are under way need them. */
  private async carryOver(from: string, to: string, format: ObjectFormat): Promise<void> {
    const [source, destination] = [await this.viewOf(from, format), await this.viewOf(to, format)];
    const args = ['fetch', ...FETCH_OPTIONS, '--end-of-options', source.dir, 'refs/stagegate/*:refs/stagegate/*'];
    await destination.git.run(args, { cwd: destination.dir, timeoutMs: CARRY_MS }).catch(() => {
      // What is damaged there is made again by the jobs that need it.
    });
    for (const { dir } of [source, destination]) await removeTree(dir);
  }

  private async viewOf(clone: string, format: ObjectFormat) {
    return openView(await this.folders.make(`git-${randomUUID()}`), { clone, format, target: clone });
  }
}

function inodeOf(path: string): bigint | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
