import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spreadFolders } from './spread';
import { claimRoot, workRootOf } from './work-root';

const OWNER_FILE = 'owner';
const DIRECTORY_MODE = 0o700;
/** Below the folder; far enough from the 4,096 bytes that a path may have, whatever the folder is. */
const MAX_PATH = 1_500;

/**
 * Folders of one process, `<root>/<process>/<name>`, each for one run. Whose they are stands in `owner`, so that
 * what a killed process left can be removed, and what a living one works in never is.
 */
export class WorkFolders {
  private readonly root: string;
  private readonly mine: string;
  private claimed: Promise<void> | null = null;

  /** @param worker who this process is, in the words of `WorkerHost`. */
  constructor(
    stateDir: string,
    private readonly worker: string,
  ) {
    this.root = workRootOf(stateDir);
    // Short and plain: suites see it in the path they run in.
    this.mine = createHash('sha256').update(worker).digest('hex').slice(0, 16);
  }

  /** @returns an empty folder. */
  async make(name: string): Promise<string> {
    const dir = await this.place(name);
    await removeTree(dir);
    await mkdir(dir, { recursive: true, mode: DIRECTORY_MODE });
    return dir;
  }

  /** @returns a path at which nothing is yet. */
  async place(name: string): Promise<string> {
    this.claimed ??= this.claim();
    await this.claimed.catch((error: unknown) => {
      // Not remembered: a disk that was full need not stay so.
      this.claimed = null;
      throw error;
    });
    return join(this.root, this.mine, name);
  }

  /** Removes what processes left that are certainly gone. */
  async removeOf(isOwnerDead: (worker: string) => boolean): Promise<void> {
    for (const name of await readdir(this.root).catch(() => [])) {
      const dir = join(this.root, name);
      const owner = await readFile(join(dir, OWNER_FILE), 'utf8').catch(() => null);
      if (owner === null || owner === this.worker || !isOwnerDead(owner)) continue;
      await removeTree(dir);
    }
  }

  /** The folder appears together with its owner's name: a crash in between leaves nothing that nobody owns. */
  private async claim(): Promise<void> {
    const dir = join(this.root, this.mine);
    await claimRoot(this.root);
    const part = join(this.root, `.${randomUUID()}`);
    await mkdir(part, { recursive: true, mode: DIRECTORY_MODE });
    await writeFile(join(part, OWNER_FILE), this.worker);
    await spreadFolders(part);
    await rename(part, dir).catch(async (error: unknown) => {
      await rm(part, { recursive: true, force: true });
      // This very process made it before, for another workspace.
      if ((await readFile(join(dir, OWNER_FILE), 'utf8').catch(() => null)) !== this.worker) throw error;
    });
  }
}

/**
 * Removes a folder and all that is in it, also where a suite took away the permission to. Never rejects: what cannot be
 * removed costs disk space, and must not cost the result of the run that left it.
 */
export async function removeTree(dir: string): Promise<void> {
  const remove = () => rm(dir, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove()
      .catch(() => openUp(dir).then(remove))
      .catch(() => shorten(dir).then(remove));
  } catch {
    // The next start tries again.
  }
}

/** Paths are addressed from the root; what lies deeper than the system can address is moved up until it can. */
async function shorten(root: string): Promise<void> {
  while (await moveUp(root, root)) continue;
}

/** @returns whether anything was moved, so that more may have come into reach. */
async function moveUp(root: string, dir: string): Promise<boolean> {
  let isMoved = false;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (!entry.isDirectory()) continue;
    if (path.length - root.length < MAX_PATH) isMoved = (await moveUp(root, path)) || isMoved;
    else isMoved = await rename(path, join(root, randomUUID())).then(() => true);
  }
  return isMoved;
}

/** What is gone meanwhile needs no permission: the removal that failed has not stopped everywhere yet. */
async function openUp(dir: string): Promise<void> {
  await chmod(dir, DIRECTORY_MODE).catch(() => undefined);
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await openUp(join(dir, entry.name));
}
