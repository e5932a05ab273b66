import type { Digest, TaskId } from '../../domain/ids';
import type { ArtifactRef } from '../../domain/task/task.events';

export type ArtifactCheck =
  | { readonly kind: 'same' }
  /** Nothing was there; it has been rendered again. */
  | { readonly kind: 'restored' }
  | { readonly kind: 'different'; readonly seen: Digest }
  /** Neither the rendering nor the content it would be made from exists. */
  | { readonly kind: 'lost' };

/** Artifacts: kept by content, and rendered under their names for people. */
export abstract class ArtifactStore {
  /** Durable (fsynced) when it resolves. Same text, same digest, one copy. */
  abstract put(text: string): Promise<Digest>;
  abstract get(digest: Digest): Promise<Uint8Array | null>;
  /**
   * Makes the named rendering of a task hold exactly the content of `ref.digest`. Only what was recorded under that name
   * before (`superseded`) is ever overwritten.
   */
  abstract ensureNamed(task: TaskId, ref: ArtifactRef, superseded?: readonly Digest[]): Promise<ArtifactCheck>;
}
