import type { Oid } from '../../ids';
import { epochMs, type Instant } from '../../instant';

/** One image, as whoever has looked at it tells. Of several platforms each is one. */
export interface Image {
  /** The platform or the name that tells it from others; null where there is no other. */
  readonly name: string | null;
  /** `sha256:…`, of its manifest. */
  readonly digest: string;
  /** What it says that it was built from; null where it says nothing. */
  readonly revision: string | null;
  /** When it says that it was built; null where it says nothing. */
  readonly created: Instant | null;
}

export interface ImageReport {
  readonly images: readonly Image[];
}

/** What is asked of every image. */
export interface ImageDemands {
  /** The commit that is to land. */
  readonly revision: Oid;
  /** null: however old it is. */
  readonly maxAgeMs: number | null;
  readonly at: Instant;
}

/** `stale`: built from something else. `old`: from the right commit, too long ago. `undated`: from it, and nobody knows when. */
export type Freshness = 'fresh' | 'stale' | 'old' | 'undated';

/** Clocks of builders may differ from ours by so much. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** There were no such images before; builds that are to be reproducible write 1970 or 1980. */
const FIRST_MS = epochMs('2000-01-01T00:00:00Z');

/**
 * Whether an image is what would be deployed if the commit landed now. Its date alone never makes it so: what it was built from
 * has to be the very commit.
 */
export function freshnessOf({ revision, created }: Image, asked: ImageDemands): Freshness {
  if (revision === null || revision.toLowerCase() !== asked.revision) return 'stale';
  const { maxAgeMs, at } = asked;
  if (maxAgeMs === null) return 'fresh';
  if (created === null || isMadeUp(created, at)) return 'undated';
  return epochMs(at) - epochMs(created) <= maxAgeMs ? 'fresh' : 'old';
}

/** A date that tells nothing of an age: one of a reproducible build, or one of the future. */
function isMadeUp(created: Instant, at: Instant): boolean {
  return epochMs(created) < FIRST_MS || epochMs(created) > epochMs(at) + CLOCK_TOLERANCE_MS;
}
