import type { JsonObject } from '../../json';
import { plainLine } from '../../staging/plain-text';
import { freshnessOf, type Freshness, type Image, type ImageDemands, type ImageReport } from './images';

const NAME_CHARS = 100;
const REVISION_CHARS = 64;
const DIGEST_CHARS = 19;

/** What a look at images comes to. */
export interface ImageOutcome {
  readonly fresh: readonly Image[];
  /** Each with what is wrong with it. */
  readonly failing: readonly (readonly [image: Image, why: Extract<Freshness, 'stale' | 'old'>])[];
  /** Of the right commit, and without a date that is needed. */
  readonly undated: readonly Image[];
}

export function imageOutcome({ images }: ImageReport, asked: ImageDemands): ImageOutcome {
  const judged = images.map((image) => [image, freshnessOf(image, asked)] as const);
  const those = (freshness: Freshness) => judged.flatMap(([image, each]) => (each === freshness ? [image] : []));
  return {
    fresh: those('fresh'),
    failing: judged.flatMap(([image, why]) => (why === 'stale' || why === 'old' ? [[image, why] as const] : [])),
    undated: those('undated'),
  };
}

/** What the event keeps: all of it, as readers take few images. */
export function imageFacts({ images }: ImageReport, { failing }: ImageOutcome, asked: ImageDemands): JsonObject {
  return {
    at: asked.at,
    failing: failing.length,
    images: images.map(({ name, digest, revision, created }) => ({
      created,
      digest,
      name: name === null ? null : plainLine(name, NAME_CHARS),
      revision: revision === null ? null : plainLine(revision, REVISION_CHARS),
    })),
    old: failing.filter(([, why]) => why === 'old').length,
    stale: failing.filter(([, why]) => why === 'stale').length,
  };
}

/** `linux/amd64 (sha256:0f3a…): built from 1a2b…, expected 3c4d…` */
export function imageLine([image, why]: ImageOutcome['failing'][number], asked: ImageDemands): string {
  const { name, digest, revision, created } = image;
  const which = plainLine(`${name === null ? 'the image' : name} (${digest.slice(0, DIGEST_CHARS)}…)`, NAME_CHARS);
  if (why === 'old') return `${which}: built at ${created ?? 'no time'}, too old at ${asked.at}`;
  const from = revision === null ? 'says nothing of a commit' : `built from ${plainLine(revision, REVISION_CHARS)}`;
  return `${which}: ${from}, expected ${asked.revision}`;
}
