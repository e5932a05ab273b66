import { jsonOf } from '../bounded-json';
import { fieldsOf, kindOf, listOf, Malformed, optionalFields, optionalText, type Fields } from '../malformed';
import { isDigest } from './digests';

/** Of a manifest, an index or a configuration; registries take no larger manifests either. */
export const MOST_BLOB_BYTES = 4 * 1024 * 1024;
/** Of one index: what is longer is none of an image. */
const MOST_DESCRIPTORS = 100;

export const INDEX_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
export const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
export const CONFIG_TYPES: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

/** What points to something by its digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Fields;
  /** `linux/amd64`, or the name that a layout gives it. */
  readonly name: string | null;
}

export function descriptorIn(value: unknown, at: string): Descriptor {
  const { mediaType, digest, size, annotations, platform } = fieldsOf(value, at);
  if (typeof mediaType !== 'string') throw new Malformed(`${at}.mediaType: expected text, saw ${kindOf(mediaType)}`);
  if (typeof digest !== 'string' || !isDigest(digest))
    throw new Malformed(`${at}.digest: expected sha256: and 64 digits, saw ${kindOf(digest)}`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new Malformed(`${at}.size: expected a number of bytes, saw ${kindOf(size)}`);
  const noted = optionalFields(annotations, `${at}.annotations`) ?? {};
  return { mediaType, digest, size, annotations: noted, name: platformIn(platform, at) ?? nameIn(noted) };
}

export function descriptorsIn({ manifests }: Fields, at: string): readonly Descriptor[] {
  const items = listOf(manifests, `${at}.manifests`);
  if (items.length > MOST_DESCRIPTORS)
    throw new Malformed(`${at}.manifests: expected at most ${MOST_DESCRIPTORS}, saw ${items.length}`);
  return items.map((item, index) => descriptorIn(item, `${at}.manifests[${index}]`));
}

/** The fields of a document of JSON. */
export function documentIn(bytes: Uint8Array, at: string): Fields {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The decoder's only complaint.
    throw new Malformed(`${at}: expected UTF-8, saw other bytes`);
  }
  return fieldsOf(jsonOf(text, at), at);
}

function platformIn(platform: unknown, at: string): string | null {
  const fields = optionalFields(platform, `${at}.platform`);
  if (!fields) return null;
  const parts = ['os', 'architecture', 'variant'].map((key) => optionalText(fields[key], `${at}.platform.${key}`));
  const named = parts.filter((part) => part !== null && part !== '').join('/');
  return named === '' ? null : named.slice(0, 100);
}

function nameIn(annotations: Fields): string | null {
  const name = annotations['org.opencontainers.image.ref.name'];
  return typeof name === 'string' && name !== '' ? name.slice(0, 100) : null;
}
