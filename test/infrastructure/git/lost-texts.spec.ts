import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TextMarker } from '../../../src/domain/policy/project-policy';
import { codeOf, GitBed, TASK } from './git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

const KEPT = '-const tax = 19; // T-7 $x.*[';
const marker = (file = 'price.js', text = KEPT): TextMarker => ({ task: 'T-7', file, text });

/** Main has the text; the branch leaves the files like that. */
async function lostBy(files: Record<string, string>, { isGone = false, markers = [marker()] } = {}) {
  bed.commit('main', { 'price.js': `a\n${KEPT}\nb\n`, 'odd name $(x).js': `${KEPT}\n` });
  bed.git(['switch', '--quiet', '-c', 'feature', 'main']);
  if (isGone) rmSync(join(bed.work, 'price.js'));
  bed.commit('feature', { 'other.js': 'x\n', ...files });
  const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  return bed.workspace.lostTexts(bed.repository(), { from: baseOid, to: headOid, markers });
}

test('a candidate that keeps the text, wherever in the file, has lost nothing', async () => {
  const markers = [marker(), marker('odd name $(x).js')];
  expect(await lostBy({ 'price.js': `z\nz\n${KEPT}\n` }, { markers })).toEqual([]);
});

test.each<[string, Record<string, string>, boolean]>([
  ['without the text', { 'price.js': 'a\nb\n' }, false],
  ['with a text that only looks alike', { 'price.js': 'a\n-const tax = 19; // T-7 $xyz[\nb\n' }, false],
  ['with the text elsewhere', { 'price.js': 'a\n', 'cost.js': `${KEPT}\n` }, false],
  ['without the file', {}, true],
  ['with a folder in its place', { 'price.js/x': `${KEPT}\n` }, true],
  ['that calls the file binary', { '.gitattributes': '* binary\n', 'price.js': 'a\n' }, false],
])('a candidate %s has lost it', async (_what, files, isGone) => {
  expect(await lostBy(files, { isGone })).toEqual([marker()]);
});

test('what main does not have cannot be lost', async () => {
  expect(await lostBy({}, { markers: [marker('price.js', 'nowhere'), marker('no/such.js')] })).toEqual([]);
});

test('a commit that is not there is an error, and no answer', async () => {
  bed.commit('feature', { 'other.js': 'x\n' }, 'main');
  const { baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  const asked = { from: baseOid, to: '1'.repeat(40), markers: [marker()] };
  expect(await codeOf(bed.workspace.lostTexts(bed.repository(), asked))).toBe('GIT_FAILED');
});
