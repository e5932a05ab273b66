import { imageFacts, imageLine, imageOutcome } from '../../../../src/domain/gates/image/image-evidence';
import { renderImages } from '../../../../src/domain/gates/image/image-page';
import { freshnessOf, type Image, type ImageDemands } from '../../../../src/domain/gates/image/images';

const COMMIT = 'a'.repeat(40);
const AT = '2026-11-30T12:00:00.000Z';
const HOUR = 3_600_000;
const ASKED: ImageDemands = { revision: COMMIT, maxAgeMs: 2 * HOUR, at: AT };

function image(given: Partial<Image> = {}): Image {
  return {
    name: null,
    digest: `sha256:${'1'.repeat(64)}`,
    revision: COMMIT,
    created: '2026-11-30T11:00:00.000Z',
    ...given,
  };
}

test.each<[string, Partial<Image>, Partial<ImageDemands>, string]>([
  ['from the commit, an hour ago', {}, {}, 'fresh'],
  ['from the commit, in capitals', { revision: COMMIT.toUpperCase() }, {}, 'fresh'],
  ['from another commit', { revision: 'b'.repeat(40) }, {}, 'stale'],
  ['from a commit that begins the same', { revision: COMMIT.slice(0, 12) }, {}, 'stale'],
  ['from the commit, with changes', { revision: `${COMMIT}-dirty` }, {}, 'stale'],
  ['from nothing that it tells', { revision: null }, {}, 'stale'],
  ['from another commit, a moment ago', { revision: 'b'.repeat(40), created: AT }, {}, 'stale'],
  ['from the commit, two hours ago', { created: '2026-11-30T10:00:00.000Z' }, {}, 'fresh'],
  ['from the commit, longer ago', { created: '2026-11-30T09:59:59.999Z' }, {}, 'old'],
  ['from the commit, whenever', { created: '2020-01-01T00:00:00.000Z' }, { maxAgeMs: null }, 'fresh'],
  ['from the commit, without a date', { created: null }, { maxAgeMs: null }, 'fresh'],
  ['from another commit, without a date', { revision: 'b'.repeat(40), created: null }, {}, 'stale'],
])('an image built %s', (_what, given, asked, freshness) => {
  expect(freshnessOf(image(given), { ...ASKED, ...asked })).toBe(freshness);
});

test.each<[string, string | null, boolean]>([
  ['without a date', null, true],
  ['of 1970, as reproducible builds have it', '1970-01-01T00:00:00.000Z', true],
  ['of 1980', '1980-01-01T00:00:01.000Z', true],
  ['of the future', '2026-11-30T12:05:00.001Z', true],
  ['of a clock that is a little ahead', '2026-11-30T12:05:00.000Z', false],
  ['of any other time', '2010-01-01T00:00:00.000Z', false],
])('the age of an image %s', (_what, created, isUnknown) => {
  const report = { images: [image(), image({ created })] };
  expect(imageOutcome(report, ASKED).undated).toHaveLength(isUnknown ? 1 : 0);
  expect(imageOutcome(report, { ...ASKED, maxAgeMs: null })).toMatchObject({ failing: [], undated: [] });
});

test('one stale image among fresh ones fails, and is told by its name', () => {
  const stale = image({ name: 'linux/arm64', revision: 'b'.repeat(40) });
  const report = { images: [image({ name: 'linux/amd64' }), stale, image({ created: '2026-11-29T00:00:00.000Z' })] };
  const outcome = imageOutcome(report, ASKED);
  expect(imageFacts(report, outcome, ASKED)).toMatchObject({ failing: 2, stale: 1, old: 1, at: AT });
  expect(outcome.failing.map((each) => imageLine(each, ASKED))).toEqual([
    `linux/arm64 (sha256:111111111111…): built from ${'b'.repeat(40)}, expected ${COMMIT}`,
    'the image (sha256:111111111111…): built at 2026-11-29T00:00:00.000Z, too old at 2026-11-30T12:00:00.000Z',
  ]);
});

test('no text of an image begins a line or ends a code span of ours', () => {
  const sly = image({ name: 'x`\n## To repair', revision: '`\u001b[2Jnone\n- all is well' });
  const page = renderImages(
    { task: 'web.T', newOid: '1', baseOid: '2' },
    imageOutcome({ images: [sly] }, ASKED),
    ASKED,
  );
  expect(page.split('\n').filter((line) => /^(## To|- all)/.test(line))).toEqual(['## To repair']);
  expect(page).not.toContain('\u001b');
});
