import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImages } from '../../../../src/infrastructure/reports/image/read-images';
import { readLayout } from '../../../../src/infrastructure/reports/image/read-layout';
import { descriptor, image, index, OCI, part, REVISION, writeLayout, type Part } from '../../../support/image-parts';

const COMMIT = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
let outer: string;
let folder: string;
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), 'stagegate-layout-'));
  folder = join(outer, 'clone');
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(outer, { recursive: true, force: true });
});

function write(entries: readonly object[], ...parts: readonly Part[]): void {
  writeLayout(join(folder, 'out'), entries, parts);
}

async function images(): Promise<unknown> {
  const found = await readLayout(folder, 'out');
  if (found.kind === 'fault') return found;
  const read = readImages(found.text);
  return read.kind === 'read' ? read.report.images : read;
}

async function refusal(): Promise<string> {
  const found = (await images()) as { kind?: string; reason?: string; evidence?: readonly string[] };
  expect(found.kind).toBe('fault');
  return `${String(found.reason)}: ${String(found.evidence?.join())}`;
}

test('an image is told by the label of its configuration and the digest of its manifest', async () => {
  const { manifest, config } = image(COMMIT);
  write([descriptor(manifest)], manifest, config);
  expect(await images()).toEqual([
    { name: null, digest: manifest.digest, revision: COMMIT, created: '2026-11-30T10:00:00.123Z' },
  ]);
});

test.each([null, '0001-01-01T00:00:00Z', '1601-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '1999-12-31T23:59:59Z'])(
  'an image with the date %p is as old as its label or annotation says',
  async (created) => {
    const annotations = { 'org.opencontainers.image.created': '2026-11-30T09:00:00Z' };
    const { manifest, config } = image(COMMIT, { created, annotations });
    write([descriptor(manifest)], manifest, config);
    expect(await images()).toMatchObject([{ created: '2026-11-30T09:00:00.000Z' }]);
  },
);

test('every platform is an image of its own, and what lies beside them is none', async () => {
  const [amd, arm] = [image(COMMIT), image(OTHER)];
  const attestation = part(OCI.manifest, { config: { mediaType: 'x/y', digest: amd.config.digest, size: 2 } });
  const signature = part(OCI.manifest, {
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: amd.config.digest, size: amd.config.size },
  });
  const all = index(
    descriptor(amd.manifest, { platform: { os: 'linux', architecture: 'amd64' } }),
    descriptor(arm.manifest, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }),
    descriptor(attestation, { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }),
    descriptor(signature),
  );
  write([descriptor(all)], all, amd.manifest, amd.config, arm.manifest, arm.config, signature);
  expect(await images()).toMatchObject([
    { name: 'linux/amd64', revision: COMMIT },
    { name: 'linux/arm64/v8', revision: OTHER },
  ]);
});

test('the label of an image goes before annotations, which anybody can add later', async () => {
  const annotations = { [REVISION]: OTHER };
  const labelled = image(COMMIT, { annotations });
  const bare = image(null, { annotations });
  const named = image(null);
  write(
    [descriptor(labelled.manifest), descriptor(bare.manifest), descriptor(named.manifest, { annotations })],
    ...[labelled, bare, named].flatMap(({ manifest, config }) => [manifest, config]),
  );
  expect(await images()).toMatchObject([{ revision: COMMIT }, { revision: OTHER }, { revision: OTHER }]);
});

test.each<[string, () => void, RegExp]>([
  ['no layout', () => undefined, /^no_report: .*oci-layout, saw none/],
  [
    'another version of it',
    () => {
      write([]);
      writeFileSync(join(folder, 'out/oci-layout'), '{"imageLayoutVersion":"2.0.0"}');
    },
    /^report_malformed: oci-layout: expected version 1.0.0, saw 2.0.0/,
  ],
  [
    'no image in it',
    () => {
      write([]);
    },
    /^report_malformed: expected an image, saw none/,
  ],
  [
    'a manifest that is not there',
    () => {
      write([descriptor(image(COMMIT).manifest)]);
    },
    /^no_report: .*blobs.sha256/,
  ],
  [
    'other bytes than the digest names',
    () => {
      const [real, fake] = [image(OTHER), image(COMMIT)];
      write([descriptor(real.manifest)], real.manifest, { ...real.config, bytes: fake.config.bytes });
    },
    /^report_malformed: sha256:\w+: expected the bytes of this digest, saw others/,
  ],
  [
    'another size than is told',
    () => {
      const { manifest, config } = image(COMMIT);
      write([{ ...descriptor(manifest), size: 5 }], manifest, config);
    },
    /expected 5 bytes, saw \d+/,
  ],
  [
    'a part that nobody would read',
    () => {
      const { manifest, config } = image(COMMIT);
      write([{ ...descriptor(manifest), size: 1e12 }], manifest, config);
    },
    /expected at most \d+ bytes, saw 1000000000000/,
  ],
  [
    'a digest that is a path',
    () => {
      write([{ mediaType: OCI.manifest, digest: 'sha256:../../../secret', size: 2 }]);
    },
    /digest: expected sha256: and 64 digits/,
  ],
  [
    'an index in an index in an index, and so on',
    () => {
      const [one] = [index()];
      const two = index(descriptor(one));
      const three = index(descriptor(two));
      write([descriptor(three)], one, two, three);
    },
    /expected at most 3 levels/,
  ],
  [
    'a manifest that is an index, too',
    () => {
      const both = part(OCI.manifest, { config: descriptor(image(COMMIT).config), manifests: [] });
      write([descriptor(both)], both);
    },
    /expected no manifests in .*manifest/,
  ],
  [
    'more images than anybody builds',
    () => {
      const many = Array.from({ length: 40 }, (_, at) => image(COMMIT, { created: `20${at + 10}-01-01T00:00:00Z` }));
      write(
        many.map(({ manifest }) => descriptor(manifest)),
        ...many.flatMap(({ manifest, config }) => [manifest, config]),
      );
    },
    /expected at most 32 images/,
  ],
  [
    'a link out of the clone in the place of a part',
    () => {
      const { manifest, config } = image(COMMIT);
      write([descriptor(manifest)], manifest);
      writeFileSync(join(outer, 'config'), config.bytes);
      symlinkSync(join(outer, 'config'), join(folder, 'out/blobs', config.digest.replace(':', '/')));
    },
    /^report_unreadable: .*symbolic link/,
  ],
  [
    'a second name of a file outside',
    () => {
      const { manifest, config } = image(COMMIT);
      write([descriptor(manifest)], manifest);
      writeFileSync(join(outer, 'config'), config.bytes);
      linkSync(join(outer, 'config'), join(folder, 'out/blobs', config.digest.replace(':', '/')));
    },
    /^report_unreadable: .*hard link/,
  ],
  [
    'an index without end',
    () => {
      write([]);
      truncateSync(join(folder, 'out/index.json'), 5 * 1024 * 1024);
    },
    /^report_unreadable: .*expected at most/,
  ],
  [
    'a date that is none',
    () => {
      const { manifest, config } = image(COMMIT, { created: 'yesterday' });
      write([descriptor(manifest)], manifest, config);
    },
    /created: expected a date and time of RFC 3339/,
  ],
])('a folder with %s is no report', async (_what, make, words) => {
  make();
  expect(await refusal()).toMatch(words);
});
