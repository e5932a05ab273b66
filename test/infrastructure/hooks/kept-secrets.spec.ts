import { KeptSecrets } from '../../../src/infrastructure/hooks/kept-secrets';
import type { SecretFound } from '../../../src/infrastructure/secrets/secret-place';

function keptBy(looks: readonly SecretFound[]) {
  let now = 0;
  let reads = 0;
  const kept = new KeptSecrets({ monotonic: () => now });
  const ask = (atMs: number) => {
    now = atMs;
    const found = kept.at('github a', () => looks[reads++] ?? { missing: 'nothing more' });
    return 'secret' in found ? found.secret : null;
  };
  return { ask, reads: () => reads };
}

const GONE = { missing: 'expected a secret, saw nothing' };

it('reads once a second at most, and takes up what is new', () => {
  const { ask, reads } = keptBy([{ secret: 'old' }, { secret: 'new' }]);
  expect([0, 500, 999, 1_000, 1_500].map(ask)).toEqual(['old', 'old', 'old', 'new', 'new']);
  expect(reads()).toBe(2);
});

it('a file that is being written loses no delivery', () => {
  const { ask } = keptBy([{ secret: 'old' }, GONE, { secret: 'new' }]);
  expect([0, 1_000, 2_000].map(ask)).toEqual(['old', 'old', 'new']);
});

it('one that is gone lets nobody in from the second look on', () => {
  const { ask } = keptBy([{ secret: 'old' }, GONE, GONE, GONE, { secret: 'new' }, GONE, GONE]);
  const looks = [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000];
  expect(looks.map(ask)).toEqual(['old', 'old', null, null, 'new', 'new', null]);
});
