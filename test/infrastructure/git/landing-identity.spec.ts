import type { LandingIdentity } from '../../../src/domain/policy/project-policy';
import { NO_SSH_KEYGEN, sshKey } from '../../support/ssh-key';
import { testWherePossible } from '../../support/test-where-possible';
import { codeOf, GitBed, TASK } from './git-bed';

const ANN = { name: 'Änn Lee', email: 'ann@example.org' };

const beds: GitBed[] = [];
afterEach(() => {
  for (const bed of beds.splice(0)) bed.dispose();
});

/** A branch beside a main that has gone on; `isMerge` gives it a merge of its own. */
function branchBeside({ isMerge = false, objectFormat = 'sha1' } = {}): GitBed {
  const bed = new GitBed({ objectFormat });
  beds.push(bed);
  bed.commit('feature', { 'feature.txt': 'one\n' }, 'main');
  if (isMerge) {
    bed.commit('side', { 'side.txt': 'side\n' }, 'main');
    bed.git(['switch', '--quiet', 'feature']);
    bed.git(['merge', '--quiet', '--no-ff', '-m', 'merge side', 'side']);
    bed.git(['push', '--quiet', bed.dir, 'feature']);
  }
  bed.commit('main', { 'later.txt': 'later\n' });
  return bed;
}

async function rebase(bed: GitBed, identity?: LandingIdentity) {
  const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  const asked = { task: TASK, branch: 'feature', headOid, baseOid, ...(identity === undefined ? {} : { identity }) };
  const outcome = await bed.workspace.rebase(bed.repository(), asked);
  if (outcome.kind !== 'rebased') throw new Error(`expected a candidate, saw ${outcome.kind}`);
  return outcome;
}

const committerOf = (bed: GitBed, oid: string) => bed.git(['log', '-1', '--format=%cn <%ce>', oid], bed.own());

describe.each([{ isMerge: false }, { isMerge: true }])('what lands (merge: $isMerge)', ({ isMerge }) => {
  test('is committed by stagegate, unsigned, unless somebody says otherwise', async () => {
    const bed = branchBeside({ isMerge });
    const { newOid } = await rebase(bed);
    expect(committerOf(bed, newOid)).toBe('stagegate <stagegate@localhost>');
    expect(bed.git(['cat-file', 'commit', newOid], bed.own())).not.toContain('gpgsig');
  });

  test('is committed by whom the project names', async () => {
    const bed = branchBeside({ isMerge });
    const { newOid } = await rebase(bed, { committer: ANN });
    expect(committerOf(bed, newOid)).toBe('Änn Lee <ann@example.org>');
    expect(bed.git(['log', '-1', '--format=%an', newOid], bed.own()) === 'Änn Lee').toBe(isMerge);
  });

  for (const objectFormat of ['sha1', 'sha256'])
    testWherePossible(NO_SSH_KEYGEN, `is signed so that git knows the key, in ${objectFormat}`, async () => {
      const bed = branchBeside({ isMerge, objectFormat });
      const { file, trusted } = sshKey(bed.root);
      const { newOid } = await rebase(bed, { committer: ANN, signingKey: file });
      bed.git([...trusted, 'verify-commit', newOid], bed.own());
      bed.git(['fsck', '--strict', newOid], bed.own());
      const other = sshKey(bed.root, { name: 'other' });
      expect(() => bed.git([...other.trusted, 'verify-commit', newOid], bed.own())).toThrow();
    });
});

testWherePossible(NO_SSH_KEYGEN, 'a key that cannot sign is named, and nothing is landed unsigned', async () => {
  const bed = branchBeside();
  const { file } = sshKey(bed.root, { passphrase: 'secret' });
  expect(await codeOf(rebase(bed, { signingKey: file }))).toBe('GIT_SIGNING_FAILED');
  await expect(rebase(bed, { signingKey: `${file}.none` })).rejects.toThrow(
    /^ssh-keygen: expected a signature by \S+key\.none, saw: .*No such file or directory.*; name a private key/,
  );
});

testWherePossible(
  NO_SSH_KEYGEN,
  'signatures that a copy cannot keep are named; those of a merged branch stay',
  async () => {
    for (const isMerge of [false, true]) {
      const bed = branchBeside({ isMerge });
      const { file } = sshKey(bed.root);
      bed.git(['switch', '--quiet', 'feature']);
      const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${file}`];
      bed.git([...signing, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'Sign this']);
      bed.git(['push', '--quiet', bed.dir, 'feature']);
      const oid = bed.head('feature');
      const { notes } = await rebase(bed);
      expect(notes).toEqual(isMerge ? undefined : { unsigned: { count: 1, commits: [{ oid, subject: 'Sign this' }] } });
    }
  },
);
