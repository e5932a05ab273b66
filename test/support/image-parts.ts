import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const OCI = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
};
export const REVISION = 'org.opencontainers.image.revision';

export interface Part {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly bytes: Buffer;
}

export function part(mediaType: string, content: object | string): Part {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { mediaType, digest: digestOf(bytes), size: bytes.length, bytes };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function descriptor({ mediaType, digest, size }: Part, more: object = {}): object {
  return { mediaType, digest, size, ...more };
}

export interface Built {
  readonly manifest: Part;
  readonly config: Part;
}

/** An image as builders make it, without its layers, which nobody looks at. */
export function image(
  revision: string | null,
  {
    created = '2026-11-30T10:00:00.123456789Z',
    ...more
  }: { readonly created?: string | null; readonly annotations?: object } = {},
): Built {
  const config = part(OCI.config, {
    architecture: 'amd64',
    os: 'linux',
    ...(created === null ? {} : { created }),
    config: { Labels: revision === null ? null : { [REVISION]: revision, other: 'x' } },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const manifest = part(OCI.manifest, {
    schemaVersion: 2,
    mediaType: OCI.manifest,
    config: descriptor(config),
    layers: [],
    ...more,
  });
  return { manifest, config };
}

export function index(...items: readonly object[]): Part {
  return part(OCI.index, { schemaVersion: 2, mediaType: OCI.index, manifests: items });
}

/** Writes an OCI layout of these images, whatever stands in the index. */
export function writeLayout(folder: string, entries: readonly object[], parts: readonly Part[]): void {
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: entries }));
  for (const { digest, bytes } of parts) writeFileSync(join(folder, 'blobs', digest.replace(':', '/')), bytes);
}
