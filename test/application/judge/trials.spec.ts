import { execFile } from 'node:child_process';
import { examine } from '../../../src/application/sagas/judge/examined-change';
import { GitBed } from '../../infrastructure/git/git-bed';
import { POLICY } from '../../support/policies';
import { DILUTIONS } from './dilutions';
import { HELD_REFACTORS, REFACTORS } from './refactors';
import { SHOP, SUITE, type Files, type ShopCase } from './shop';

jest.setTimeout(60_000);

const ASKED = { paths: [], ignore: [], protect: [] };

let bed: GitBed;
let base: string;
beforeAll(() => {
  bed = new GitBed();
  base = commit('main', SHOP);
});
afterAll(() => {
  bed.dispose();
});

/** Commits on a branch of the bare repository that begins at main. */
function commit(branch: string, files: Files): string {
  const blobOf = (text: string) => [`data ${Buffer.byteLength(text)}`, text];
  const changes = Object.entries(files).map(([path, content]) => ({ path, content }));
  const script = [
    `commit refs/heads/${branch}`,
    'committer Ann <a@b.c> now',
    ...blobOf(branch),
    'from refs/heads/main^0',
    // What is gone goes first: a file may be in the place of a folder.
    ...changes.flatMap(({ path, content }) => (content === null ? [`D ${path}`] : [])),
    ...changes.flatMap(({ path, content }) => {
      if (content === null) return [];
      if (typeof content === 'string') return [`M 100644 inline ${path}`, ...blobOf(content)];
      return [`M 120000 inline ${path}`, ...blobOf(content.link)];
    }),
    '',
  ];
  bed.git(['fast-import', '--quiet', '--date-format=now', '--force'], bed.dir, script.join('\n'));
  return bed.head(branch) ?? '';
}

/** Whether the suite is green on a commit of the own clone. */
async function isGreen(oid: string, name: string): Promise<boolean> {
  const clone = await bed.workspace.disposableClone(bed.repository(), { oid, baseOid: base, depth: 1, name });
  const env = { PATH: process.env['PATH'] ?? '', HOME: clone.dir };
  try {
    return await new Promise((resolve) => {
      execFile('sh', ['-c', SUITE], { cwd: clone.dir, env }, (error) => {
        resolve(error === null);
      });
    });
  } finally {
    await clone.dispose();
  }
}

let serial = 0;
/** `passed`: nothing to weigh. `green` and `red`: main's tests on the change. */
async function judged(one: ShopCase): Promise<'passed' | 'green' | 'red'> {
  serial += 1;
  const newOid = commit(`case-${serial}`, one.files);
  const repository = bed.repository();
  await bed.workspace.fetch(repository, `web.C-${serial}`, `case-${serial}`);
  const suite = { ...POLICY.staging, suite: SUITE };
  const { files, plan } = await examine(bed.workspace, repository, { newOid, baseOid: base }, { policy: ASKED, suite });
  // Else it would never come to its gate.
  expect([one.name, await isGreen(newOid, `own-${serial}`)]).toEqual([one.name, true]);
  if (!files.some(({ weighs }) => weighs)) return 'passed';
  const trial = await bed.workspace.commitTrial(repository, { onto: newOid, plan });
  expect(await bed.workspace.commitTrial(repository, { onto: newOid, plan })).toEqual(trial);
  return (await isGreen(trial.oid, `trial-${serial}`)) ? 'green' : 'red';
}

test('there are thirty of each', () => {
  expect(DILUTIONS.length).toBeGreaterThanOrEqual(30);
  expect(REFACTORS.length + HELD_REFACTORS.length).toBeGreaterThanOrEqual(30);
  expect(HELD_REFACTORS.length).toBeLessThanOrEqual(2);
});

test.each(DILUTIONS)('held: $name', async (one) => {
  expect(await judged(one)).toBe('red');
});

test.each(REFACTORS)('passes: $name', async (one) => {
  expect(['passed', 'green']).toContain(await judged(one));
});

test.each(HELD_REFACTORS)('honest, and held for a person: $name', async (one) => {
  expect(await judged(one)).toBe('red');
});
