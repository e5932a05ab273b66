import type { Image } from '../../../domain/gates/image/images';
import { fieldsOf, kindOf, Malformed, optionalFields, optionalText, type Fields } from '../malformed';
import {
  CONFIG_TYPES,
  descriptorIn,
  descriptorsIn,
  documentIn,
  INDEX_TYPES,
  MANIFEST_TYPES,
  MOST_BLOB_BYTES,
  type Descriptor,
} from './descriptors';
import { isOf } from './digests';
import { createdIn, MOST_IMAGES } from './read-images';

/** Where the parts of an image lie, by their digest. Whatever comes back is held against it. */
export type Load = (wanted: Descriptor, what: 'manifest' | 'blob') => Promise<Uint8Array>;

/** An index, in it one of platforms, in it images: nothing that builds images nests deeper. */
const MOST_LEVELS = 3;
/** Manifests, indexes and configurations together. */
const MOST_PARTS = 200;
const REVISION = 'org.opencontainers.image.revision';
const CREATED = 'org.opencontainers.image.created';
const MOST_CHARS = 200;

/**
 * Every image that descriptors lead to, on every platform. What lies beside images, such as signatures and attestations, is none.
 * Each part is believed only if its bytes are those that its digest names.
 *
 * @throws Malformed, and whatever `load` throws.
 */
export async function imagesBelow(descriptors: readonly Descriptor[], load: Load): Promise<readonly Image[]> {
  const images: Image[] = [];
  await walk(descriptors, 1, { load: bounded(load), images, seen: new Set() });
  if (images.length === 0) throw new Malformed('expected an image, saw none: an index without one');
  return images;
}

function bounded(load: Load): Load {
  let parts = 0;
  return (wanted, what) => {
    parts += 1;
    if (parts > MOST_PARTS) throw new Malformed(`expected at most ${MOST_PARTS} manifests and the like, saw more`);
    return load(wanted, what);
  };
}

interface Walk {
  readonly load: Load;
  readonly images: Image[];
  readonly seen: Set<string>;
}

async function walk(descriptors: readonly Descriptor[], level: number, given: Walk): Promise<void> {
  for (const descriptor of descriptors) {
    const { digest, mediaType, annotations } = descriptor;
    if (given.seen.has(digest) || annotations['vnd.docker.reference.type'] === 'attestation-manifest') continue;
    given.seen.add(digest);
    if (INDEX_TYPES.includes(mediaType)) {
      if (level === MOST_LEVELS)
        throw new Malformed(`${digest}: expected at most ${MOST_LEVELS} levels of indexes, saw more`);
      const index = await loaded(descriptor, 'manifest', given.load);
      await walk(descriptorsIn(index, digest), level + 1, given);
    } else if (MANIFEST_TYPES.includes(mediaType)) {
      const image = await imageOf(descriptor, given.load);
      if (image) given.images.push(image);
      if (given.images.length > MOST_IMAGES)
        throw new Malformed(`expected at most ${MOST_IMAGES} images, saw more: name one of them`);
    } else throw new Malformed(`${digest}: expected a manifest or an index, saw ${kindOf(mediaType)}`);
  }
}

/** @returns null for what is kept as an image is and is none, as signatures are. */
async function imageOf(descriptor: Descriptor, load: Load): Promise<Image | null> {
  const { digest, annotations, name } = descriptor;
  const manifest = await loaded(descriptor, 'manifest', load);
  const pointer = descriptorIn(manifest['config'], `${digest}.config`);
  if (!CONFIG_TYPES.includes(pointer.mediaType)) return null;
  const config = await loaded(pointer, 'blob', load);
  const labels =
    optionalFields(optionalFields(config['config'], `${pointer.digest}.config`)?.['Labels'], 'Labels') ?? {};
  const noted = optionalFields(manifest['annotations'], `${digest}.annotations`) ?? {};
  const said = (key: string) =>
    [labels, noted, annotations].map((each) => textIn(each, key, digest)).find(Boolean) ?? null;
  const created = optionalText(config['created'], `${pointer.digest}.created`);
  return {
    name,
    digest,
    revision: said(REVISION),
    // Reproducible builds leave the image itself without a date of its own.
    created: createdIn(isMadeUp(created) ? (said(CREATED) ?? created) : created, `${digest}: created`),
  };
}

async function loaded(descriptor: Descriptor, what: 'manifest' | 'blob', load: Load): Promise<Fields> {
  const { digest, size, mediaType } = descriptor;
  if (size > MOST_BLOB_BYTES) throw new Malformed(`${digest}: expected at most ${MOST_BLOB_BYTES} bytes, saw ${size}`);
  const bytes = await load(descriptor, what);
  if (bytes.length !== size) throw new Malformed(`${digest}: expected ${size} bytes, saw ${bytes.length}`);
  if (!isOf(bytes, digest)) throw new Malformed(`${digest}: expected the bytes of this digest, saw others`);
  const fields = documentIn(bytes, digest);
  if (what === 'manifest') mustBe(mediaType, fields, digest);
  return fields;
}

/** A document that is an index to one reader and a manifest to another one is neither. */
export function mustBe(mediaType: string, fields: Fields, at: string): void {
  const own = optionalText(fields['mediaType'], `${at}.mediaType`);
  if (own !== null && own !== mediaType) throw new Malformed(`${at}: expected ${mediaType}, saw ${kindOf(own)}`);
  const strange = INDEX_TYPES.includes(mediaType) ? ['config', 'layers'] : ['manifests'];
  const found = strange.find((key) => fields[key] !== undefined);
  if (found !== undefined) throw new Malformed(`${at}: expected no ${found} in ${mediaType}, saw some`);
  if (!INDEX_TYPES.includes(mediaType)) fieldsOf(fields['config'], `${at}.config`);
}

function isMadeUp(created: string | null): boolean {
  return created === null || /^[01]\d{3}-/.test(created);
}

function textIn(fields: Fields, key: string, at: string): string | null {
  const text = optionalText(fields[key], `${at}: ${key}`);
  if (text !== null && text.length > MOST_CHARS)
    throw new Malformed(`${at}: ${key}: expected at most ${MOST_CHARS} characters, saw ${text.length}`);
  return text === null || text === '' ? null : text;
}
