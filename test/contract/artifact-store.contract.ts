import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../../src/application/ports/artifact-store';
import type { KeptBytes } from '../../src/application/ports/kept-bytes';

/** One place for artifacts, empty at first. */
export interface ArtifactsUnderTest {
  readonly store: ArtifactStore;
  /** What another replica, or a later process, finds. */
  another(): ArtifactStore;
  /** Puts other bytes of the same size in the place of an artifact, wherever it is kept. */
  damage(digest: string): Promise<void>;
  remove(): Promise<void>;
}

/** More than one part of a log, and no whole number of them. */
const LONG = Array.from({ length: 220_000 }, (_, index) => `${index} \u00e9`).join('\n');

const digestOf = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

/** The rules of `ArtifactStore` for whoever reads parts of an artifact. */
export function describeArtifactStore(name: string, create: () => Promise<ArtifactsUnderTest>): void {
  describe(`ArtifactStore: ${name}`, () => {
    let place: ArtifactsUnderTest;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.remove());

    it.each([
      ['empty', ''],
      ['short', 'gr\u00fcn\n'],
      ['of several parts', LONG],
    ])('a text that is %s can be read whole, and its size is known, by whoever comes later', async (_what, text) => {
      const digest = await place.store.put(text);
      const bytes = Buffer.from(text);
      for (const store of [place.store, place.another()]) {
        expect(await store.sizeOf(digest)).toBe(bytes.length);
        const opened = await openedOf(store, digest);
        expect(opened.sizeBytes).toBe(bytes.length);
        expect(bytes.equals(await allOf(opened.read()))).toBe(true);
        expect(bytes.equals((await store.get(digest)) ?? Buffer.of())).toBe(true);
      }
    });

    it('any part can be read, both ends included', async () => {
      const digest = await place.store.put(LONG);
      const bytes = Buffer.from(LONG);
      const last = bytes.length - 1;
      const store = place.another();
      for (const [start, end] of [
        [0, 0],
        [0, 99],
        [last, last],
        [last - 5, last],
        [512 * 1024 - 3, 512 * 1024 + 3],
        [1_000_000, 1_700_000],
      ] as const) {
        const part = await allOf((await openedOf(store, digest)).read({ start, end }));
        expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    });

    it('who opens one without reading it closes it', async () => {
      const digest = await place.store.put('text');
      await (await openedOf(place.store, digest)).close();
    });

    it('what nobody has kept is missing, and so is what is no digest', async () => {
      for (const digest of [digestOf('never'), '../../etc/passwd', '']) {
        expect(await place.store.open(digest)).toBe('missing');
        expect(await place.store.sizeOf(digest)).toBeNull();
      }
    });

    it('what is not as it was kept is not handed out, also after it has been read', async () => {
      const digest = await place.store.put(LONG);
      await (await openedOf(place.store, digest)).close();
      await place.damage(digest);
      for (const store of [place.store, place.another()]) {
        expect(typeof (await store.open(digest))).toBe('string');
        expect(await store.get(digest)).toBeNull();
      }
    });
  });
}

async function openedOf(store: ArtifactStore, digest: string): Promise<KeptBytes> {
  const opened = await store.open(digest);
  if (typeof opened === 'string') throw new Error(`${digest}: expected an artifact, saw that it is ${opened}`);
  return opened;
}

async function allOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
