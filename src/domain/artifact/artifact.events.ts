import type { Fact } from '../fact';
import type { Digest } from '../ids';

export interface ArtifactEventData {
  /** A part of an artifact's bytes, in base64: text may hold what JSON cannot. The parts follow one another. */
  ArtifactKept: { digest: Digest; base64: string };
}
export type ArtifactEvent = Fact<'ArtifactKept', ArtifactEventData['ArtifactKept']>;

export const ARTIFACT_EVENT_VERSIONS: Readonly<Record<ArtifactEvent['type'], number>> = Object.freeze({
  ArtifactKept: 1,
});
