import { EvidenceOperations } from '../../src/application/evidence-operations';
import type { Operations } from '../../src/application/operations';
import { RequestRefused } from '../../src/application/refusals';
import type { ArtifactStore } from '../../src/application/ports/artifact-store';
import type { EvidenceRequest } from '../../src/application/requests';
import { ANN, TASK } from '../support/policies';

const BUILD: EvidenceRequest = { gate: 'check_ci_green', name: 'build', result: 'success' };
const TEXT = '<testsuite/>';

function made(refusal: Error | null = null) {
  const kept: string[] = [];
  const ordered: unknown[] = [];
  const operations = {
    repeated: () => Promise.resolve(null),
    demand: () => (refusal ? Promise.reject(refusal) : Promise.resolve()),
    order: (...order: unknown[]) => {
      ordered.push(order);
      return Promise.resolve({ id: TASK, stage: 'development', revision: '3', isQueued: false });
    },
  } as unknown as Operations;
  const artifacts = {
    put: (text: string) => {
      kept.push(text);
      return Promise.resolve('7'.repeat(64));
    },
  } as unknown as ArtifactStore;
  return { evidence: new EvidenceOperations({ operations, artifacts }), kept, ordered };
}

test('files are kept before they are cited', async () => {
  const { evidence, kept, ordered } = made();
  await evidence.record(TASK, { ...BUILD, files: [{ name: 'junit.xml', text: TEXT }] }, ANN);
  expect(kept).toEqual([TEXT]);
  const files = [{ name: 'junit.xml', digest: '7'.repeat(64) }];
  expect(ordered).toMatchObject([['evidence', TASK, { type: 'RecordEvidence', data: { check: { files } } }, ANN, {}]]);
});

test('what is refused leaves no files behind', async () => {
  const { evidence, kept } = made(new RequestRefused('conflict', 'other-commit', 'no'));
  const asked = evidence.record(TASK, { ...BUILD, files: [{ name: 'junit.xml', text: TEXT }] }, ANN);
  await expect(asked).rejects.toMatchObject({ code: 'other-commit' });
  expect(kept).toEqual([]);
});

test.each<readonly [string, Partial<EvidenceRequest>, string, RegExp]>([
  ['a gate', { gate: 'check_all' }, 'unknown-gate', /^gate: expected one of intake/],
  ['a name', { name: '' }, 'invalid-check', /^name: expected 1 to 100 characters/],
  ['a result', { result: 'green' }, 'invalid-check', /^result: expected one of success, .*, saw "green"/],
  ['a commit', { headOid: 'a1b2c3' }, 'invalid-check', /^headOid: expected the whole id of a commit/],
  ['a URL', { url: 'ftp://x' }, 'invalid-check', /^url: expected an http or https URL/],
  ['a password', { url: 'https://ann:hunter2@ci.example/1' }, 'invalid-check', /not shown/],
  ['too many files', { files: Array(11).fill({ name: 'a', text: '' }) as never }, 'invalid-check', /at most 10 files/],
  ['a way out', { files: [{ name: '../x', text: '' }] }, 'invalid-check', /^files: expected a plain file name/],
  ['a large one', { files: [{ name: 'a', text: 'ä'.repeat(262_145) }] }, 'invalid-check', /saw 524290 bytes/],
  ['NUL', { files: [{ name: 'a', text: 'a\u0000' }] }, 'invalid-check', /with what cannot be stored/],
  [
    'one twice',
    {
      files: [
        { name: 'a', text: '' },
        { name: 'a', text: '' },
      ],
    },
    'invalid-check',
    /a name for each/,
  ],
])('%s that does not fit is refused in a line, before anything is kept', async (_what, part, code, line) => {
  const { evidence, kept, ordered } = made();
  const asked = evidence.record(TASK, { ...BUILD, ...part }, ANN);
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(line) as string });
  await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') as string });
  expect([kept, ordered]).toEqual([[], []]);
});
