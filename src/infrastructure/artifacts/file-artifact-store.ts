import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseTaskId, type Digest, type TaskId } from '../../domain/ids';
import type { ArtifactRef } from '../../domain/task/task.events';
import { ArtifactStore, type ArtifactCheck } from '../../application/ports/artifact-store';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import {
  createDurably,
  makeDurableDirectory,
  openRegularFile,
  replaceDurably,
  syncDirectories,
} from '../system/durable-files';
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

/**
 * `<stateDir>/artifacts/.content/ab/ab12…` holds each text once; `<stateDir>/artifacts/<project>/<task>/<name>` is its
 * rendering for people.
 */
export class FileArtifactStore extends ArtifactStore {
  private readonly root: string;

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
  try {
    const opened = await openRegularFile(path);
    if (opened.kind !== 'file') return opened.kind;
    try {
      return await read(opened.handle);
    } finally {
      await opened.handle.close();
    }
  } catch (cause) {
    throw new ArtifactError('ARTIFACT_READ_FAILED', `cannot read ${path}: ${wordsOf(cause)}; check the disk`, {
      cause,
    });
  }
}

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw new ArtifactError(
      'ARTIFACT_WRITE_FAILED',
      `cannot write ${path}: ${wordsOf(cause)}; check space and permissions`,
      {
        cause,
      },
    );
  }
}

/** In pieces: what lies under the name may be of any size. */
async function digestOf(handle: FileHandle): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function sha256(bytes: Uint8Array): Digest {
  return createHash('sha256').update(bytes).digest('hex');
}
