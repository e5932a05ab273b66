import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BoundedMap } from '../../application/bounded-map';
import { parseTaskId, type Digest, type TaskId } from '../../domain/ids';
import type { ArtifactRef } from '../../domain/task/task.events';
import { ArtifactStore, type ArtifactCheck, type Unkept } from '../../application/ports/artifact-store';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import {
  createDurably,
  makeDurableDirectory,
  openRegularFile,
  type OpenedFile,
  replaceDurably,
  syncDirectories,
} from '../system/durable-files';
import { FileBytes } from '../system/file-bytes';
import { wordsOf } from '../../domain/within-sentence';

const DIGEST = /^[0-9a-f]{64}$/;
/** No slash, no leading dot: a name that cannot leave the task's folder or pass for a temporary file. */
const ARTIFACT_NAME = /^[0-9]{2}-[a-z][a-z-]{0,59}\.md$/;
/** No project key holds a dot, so the contents can live beside the projects' folders. */
const CONTENT_FOLDER = '.content';
/** What is found under a name that is no regular file is told by this digest: of no bytes at all. */
const NO_BYTES: Digest = createHash('sha256').digest('hex');

/**
 * Codes: ARTIFACT_NAME_INVALID, ARTIFACT_READ_FAILED, ARTIFACT_WRITE_FAILED.
 */
export class ArtifactError extends InfrastructureError {}

/** What came was not what its digest names. */
class OtherBytes extends ArtifactError {}

/** Of as many artifacts it is known that they are whole. */
const MOST_KNOWN = 1_000;

/**
 * `<stateDir>/artifacts/.content/ab/ab12…` holds each text once; `<stateDir>/artifacts/<project>/<task>/<name>` is its
 * rendering for people.
 */
export class FileArtifactStore extends ArtifactStore {
  private readonly root: string;
  /** Files that were found to have their digests, by what changes with every write: a reader of parts asks many times. */
  private readonly whole = new BoundedMap<Digest, string>(MOST_KNOWN);

  constructor(stateDir: string) {
    super();
    this.root = resolve(stateDir, 'artifacts');
  }

  async put(text: string): Promise<Digest> {
    const bytes = Buffer.from(text, 'utf8');
    const digest = sha256(bytes);
    const path = this.contentPath(digest);
    const found = await this.get(digest);
    await writing(path, async () => {
      // Another process may have written it a moment ago and not have synced its folder yet.
      if (found) return syncDirectories(dirname(path), join(this.root, CONTENT_FOLDER));
      await makeDurableDirectory(dirname(path));
      await replaceDurably(path, bytes);
    });
    return digest;
  }

  /** Bytes that do not have the digest are not the content, wherever they lie. */
  async get(digest: Digest): Promise<Uint8Array | null> {
    if (!DIGEST.test(digest)) return null;
    const path = this.contentPath(digest);
    const bytes = await reading(path, (handle) => handle.readFile());
    return typeof bytes !== 'string' && sha256(bytes) === digest ? bytes : null;
  }

  async open(digest: Digest): Promise<FileBytes | Unkept> {
    if (!DIGEST.test(digest)) return 'missing';
    const opened = await opening(this.contentPath(digest));
    if (opened.kind !== 'file') return opened.kind === 'missing' ? 'missing' : 'damaged';
    const { handle } = opened;
    try {
      if (await this.isWhole(handle, digest)) return new FileBytes(handle, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return 'damaged';
  }

  async sizeOf(digest: Digest): Promise<number | null> {
    if (!DIGEST.test(digest)) return null;
    const size = await reading(this.contentPath(digest), async (handle) => (await handle.stat()).size);
    return typeof size === 'string' ? null : size;
  }

  /** Keeps what comes from elsewhere, in pieces. @returns false when that is nothing, or other bytes: then nothing is kept. */
  async keep(digest: Digest, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
    if (!DIGEST.test(digest)) return false;
    const path = this.contentPath(digest);
    try {
      await writing(path, async () => {
        await makeDurableDirectory(dirname(path));
        await replaceDurably(path, ofDigest(digest, pieces));
      });
      return true;
    } catch (error) {
      if (error instanceof OtherBytes) return false;
      throw error;
    }
  }

  private async isWhole(handle: FileHandle, digest: Digest): Promise<boolean> {
    const { ino, size, ctimeNs } = await handle.stat({ bigint: true });
    const seen = [ino, size, ctimeNs].join(' ');
    if (this.whole.get(digest) === seen) return true;
    if ((await digestOf(handle)) !== digest) return false;
    this.whole.set(digest, seen);
    return true;
  }

  async ensureNamed(task: TaskId, ref: ArtifactRef, superseded: readonly Digest[] = []): Promise<ArtifactCheck> {
    const path = this.renderingPath(task, ref.name);
    const found = await this.compare(path, ref.digest);
    const isOlder = found?.kind === 'different' && superseded.includes(found.seen);
    if (found && !isOlder) return found;
    const bytes = await this.get(ref.digest);
    if (!bytes) return { kind: 'lost' };
    if (isOlder) {
      await writing(path, () => replaceDurably(path, bytes));
      return { kind: 'restored' };
    }
    const created = await writing(path, async () => {
      await makeDurableDirectory(dirname(path));
      return createDurably(path, bytes);
    });
    if (created) return { kind: 'restored' };
    // Somebody else made it between the look and the write; what they made counts.
    return (await this.compare(path, ref.digest)) ?? { kind: 'lost' };
  }

  /** @returns null when nothing has that name. */
  private async compare(path: string, expected: Digest): Promise<ArtifactCheck | null> {
    const found = await reading(path, digestOf);
    if (found === 'missing') return null;
    const seen = found === 'not-a-file' ? NO_BYTES : found;
    return seen === expected && found !== 'not-a-file' ? { kind: 'same' } : { kind: 'different', seen };
  }

  private contentPath(digest: Digest): string {
    return join(this.root, CONTENT_FOLDER, digest.slice(0, 2), digest);
  }

  private renderingPath(taskId: TaskId, name: string): string {
    const id = parseTaskId(taskId);
    if (!id || !ARTIFACT_NAME.test(name)) {
      const seen = JSON.stringify(`${taskId}/${name}`.slice(0, 200));
      throw new ArtifactError(
        'ARTIFACT_NAME_INVALID',
        `expected <project>.<task> and a name like 01-report.md, saw ${seen}`,
      );
    }
    return join(this.root, id.project, id.task, name);
  }
}

async function reading<T>(
  path: string,
  read: (handle: FileHandle) => Promise<T>,
): Promise<T | 'missing' | 'not-a-file'> {
  const opened = await opening(path);
  if (opened.kind !== 'file') return opened.kind;
  try {
    return await read(opened.handle);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await opened.handle.close();
  }
}

async function opening(path: string): Promise<OpenedFile> {
  try {
    return await openRegularFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): ArtifactError {
  return new ArtifactError('ARTIFACT_READ_FAILED', `cannot read ${path}: ${wordsOf(cause)}; check the disk`, { cause });
}

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    // What was to be written could not be had, which is no fault of the disk.
    if (cause instanceof InfrastructureError) throw cause;
    throw new ArtifactError(
      'ARTIFACT_WRITE_FAILED',
      `cannot write ${path}: ${wordsOf(cause)}; check space and permissions`,
      {
        cause,
      },
    );
  }
}

/** The pieces, unless they turn out to be something else: that is known at their end. */
async function* ofDigest(digest: Digest, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  const seen = hash.digest('hex');
  if (seen !== digest) throw new OtherBytes('ARTIFACT_LOST', `expected bytes of digest ${digest}, saw ${seen}`);
}

/** In pieces: what lies under the name may be of any size. */
async function digestOf(handle: FileHandle): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ autoClose: false, start: 0 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function sha256(bytes: Uint8Array): Digest {
  return createHash('sha256').update(bytes).digest('hex');
}
