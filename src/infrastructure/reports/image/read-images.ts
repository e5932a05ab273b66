import type { Parsed } from '../../../application/ports/report-reader';
import type { Image, ImageReport } from '../../../domain/gates/image/images';
import { parseInstant, type Instant } from '../../../domain/instant';
import { jsonOf } from '../bounded-json';
import { fieldsOf, kindOf, Malformed, optionalText, parsedBy, type Fields } from '../malformed';
import { isDigest } from './digests';

/** Platforms, or images that are built together. */
export const MOST_IMAGES = 32;
const MOST_CHARS = 200;
const KNOWN: readonly string[] = ['name', 'digest', 'revision', 'created'];

/**
 * What has looked at images tells of them: an object, or a list of several, with `digest`, `revision`, and where it is known
 * `created` and `name`. Nothing else, so that a mistyped member is no missing one.
 */
export function readImages(text: string): Parsed<ImageReport> {
  return parsedBy(() => {
    const json = jsonOf(text);
    const items = Array.isArray(json) ? (json as readonly unknown[]) : [json];
    if (items.length === 0 || items.length > MOST_IMAGES)
      throw new Malformed(`expected 1 to ${MOST_IMAGES} images, saw ${items.length}`);
    return { images: items.map(imageIn) };
  });
}

function imageIn(value: unknown, index: number): Image {
  const at = `image ${index + 1}`;
  const fields = fieldsOf(value, at);
  const unknown = Object.keys(fields).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined)
    throw new Malformed(`${at}: expected ${KNOWN.join(', ')}, saw ${JSON.stringify(unknown.slice(0, 60))}`);
  const { digest } = fields;
  if (typeof digest !== 'string' || !isDigest(digest))
    throw new Malformed(`${at}.digest: expected sha256: and 64 digits, saw ${kindOf(digest)}`);
  if (!('revision' in fields)) throw new Malformed(`${at}.revision: expected a commit, saw nothing`);
  return {
    name: shortText(fields, 'name', at),
    digest,
    revision: shortText(fields, 'revision', at),
    created: createdIn(optionalText(fields['created'], `${at}.created`), `${at}.created`),
  };
}

function shortText(fields: Fields, key: string, at: string): string | null {
  const text = optionalText(fields[key], `${at}.${key}`);
  if (text !== null && (text.length === 0 || text.length > MOST_CHARS))
    throw new Malformed(`${at}.${key}: expected 1 to ${MOST_CHARS} characters, saw ${text.length}`);
  return text;
}

/** RFC 3339, of whose fraction images have nine digits. */
export function createdIn(text: string | null, at: string): Instant | null {
  if (text === null) return null;
  const created = parseInstant(text.replace(/(\.\d{3})\d{1,9}(?=Z|[+-])/, '$1'));
  if (created === null) throw new Malformed(`${at}: expected a date and time of RFC 3339, saw ${kindOf(text)}`);
  return created;
}
