import type { Digest, TaskId } from '../../domain/ids';
import type { ArtifactRef } from '../../domain/task/task.events';
import type { KeptBytes } from './kept-bytes';

export type ArtifactCheck =
  | { readonly kind: 'same' }
  /** Nothing was there; it has been rendered again. */
  | { readonly kind: 'restored' }
  | { readonly kind: 'different'; readonly seen: Digest }
  /** Neither the rendering nor the content it would be made from exists. */
  | { readonly kind: 'lost' };

/** Why there is nothing to read: nobody has kept it here, or what is there has another digest. */
export type Unkept = 'missing' | 'damaged';

/** Artifacts: kept by content, and rendered under their names for people. */
export abstract class ArtifactStore {
  /** Durable (fsynced) when it resolves. Same text, same digest, one copy. */
  abstract put(text: string): Promise<Digest>;
  /** The whole of one; null when it cannot be had as it was kept. */
  abstract get(digest: Digest): Promise<Uint8Array | null>;
  /** The same for whoever holds none of it, of whatever size: what is opened has been found to have the digest. */
  abstract open(digest: Digest): Promise<KeptBytes | Unkept>;
  /** Without a look at the content; null when there is none. */
  abstract sizeOf(digest: Digest): Promise<number | null>;
  /**
   * Makes the named rendering of a task hold exactly the content of `ref.digest`. Only what was recorded under that name
   * before (`superseded`) is ever overwritten.
   */
  abstract ensureNamed(task: TaskId, ref: ArtifactRef, superseded?: readonly Digest[]): Promise<ArtifactCheck>;
}
