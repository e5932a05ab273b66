import fc from 'fast-check';
import { Malformed } from '../../../../src/infrastructure/reports/malformed';
import { imagesBelow } from '../../../../src/infrastructure/reports/image/image-tree';
import { readImages } from '../../../../src/infrastructure/reports/image/read-images';
import { descriptor, image, index, OCI, part } from '../../../support/image-parts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const REVISION = 'a'.repeat(40);

test('one image, or several', () => {
  const one = { digest: DIGEST, revision: REVISION };
  const told = { ...one, created: '2026-11-30T10:00:00+01:00', name: 'worker' };
  expect(readImages(JSON.stringify(one))).toEqual({
    kind: 'read',
    report: { images: [{ name: null, digest: DIGEST, revision: REVISION, created: null }] },
  });
  expect(readImages(JSON.stringify([one, told]))).toMatchObject({
    report: { images: [{}, { name: 'worker', created: '2026-11-30T09:00:00.000Z' }] },
  });
  expect(readImages(JSON.stringify({ ...one, revision: null }))).toMatchObject({ kind: 'read' });
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', undefined, /expected JSON/],
  ['nothing', [], /expected 1 to 32 images, saw 0/],
  ['a word', 'fresh', /expected an object/],
  ['no digest', { revision: REVISION }, /digest: expected sha256: and 64 digits, saw nothing/],
  ['a tag in its place', { digest: 'app:latest', revision: REVISION }, /digest: .*saw "app:latest"/],
  ['no revision', { digest: DIGEST }, /revision: expected a commit, saw nothing/],
  ['a mistyped member', { digest: DIGEST, revision: REVISION, Created: 'x' }, /saw "Created"/],
  ['a number for a date', { digest: DIGEST, revision: REVISION, created: 0 }, /created: expected text, saw 0/],
  ['a day of no calendar', { digest: DIGEST, revision: REVISION, created: '2026-02-30T00:00:00Z' }, /RFC 3339/],
  ['a date without a zone', { digest: DIGEST, revision: REVISION, created: '2026-02-03T00:00:00' }, /RFC 3339/],
  ['too much text', { digest: DIGEST, revision: 'x'.repeat(999) }, /1 to 200 characters/],
])('%s is no report', (_what, value, words) => {
  const found = readImages(value === undefined ? '{' : JSON.stringify(value));
  expect(found).toMatchObject({ kind: 'fault', reason: 'report_malformed' });
  expect(found.kind === 'fault' && found.evidence.join()).toMatch(words);
});

test('whatever a command writes, it is images or a fault', () => {
  const value = fc.oneof(fc.constant(DIGEST), fc.constant(REVISION), fc.json(), fc.string());
  const members = fc.dictionary(fc.constantFrom('digest', 'revision', 'created', 'name', 'x', '__proto__'), value);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        members.map((each) => JSON.stringify(each)),
      ),
      (text) => {
        expect(['read', 'fault']).toContain(readImages(text).kind);
      },
    ),
    { numRuns: 500 },
  );
});

/** Parts as anybody could have stored them, under their right digests, so that all of them are looked into. */
test('whatever parts an image has, it is told, or refused in words, in bounded time', async () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(null, [], {}, 'x', -1, 1e300));
  const changed = fc.record({
    key: fc.constantFrom('config', 'mediaType', 'annotations', 'manifests', 'layers', 'created'),
    odd,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(changed, { maxLength: 3 }),
      fc.array(changed, { maxLength: 3 }),
      async (inManifest, inConfig) => {
        const plain = image(REVISION);
        const overlay = (bytes: Buffer, changes: readonly { key: string; odd: unknown }[]) => ({
          ...(JSON.parse(bytes.toString()) as object),
          ...Object.fromEntries(changes.map(({ key, odd: value }) => [key, value])),
        });
        const config = part(OCI.config, overlay(plain.config.bytes, inConfig));
        const pointed = { ...overlay(plain.manifest.bytes, []), config: descriptor(config) };
        const manifest = part(OCI.manifest, overlay(Buffer.from(JSON.stringify(pointed)), inManifest));
        const all = index(descriptor(manifest));
        const stored = new Map([all, manifest, config].map(({ digest, bytes }) => [digest, bytes]));
        const load = ({ digest }: { readonly digest: string }) => {
          const bytes = stored.get(digest);
          return bytes ? Promise.resolve(bytes) : Promise.reject(new Malformed('not there'));
        };
        const root = { mediaType: all.mediaType, digest: all.digest, size: all.size, annotations: {}, name: null };
        try {
          expect((await imagesBelow([root], load)).length).toBe(1);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      },
    ),
    { numRuns: 500 },
  );
});
