import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outOfSight } from '../../../src/infrastructure/secrets/out-of-sight';

let root: string;
const at = (...names: readonly string[]) => join(root, ...names);
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'stagegate-secrets-')));
  mkdirSync(at('own'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

it('a folder that holds nothing but secrets is hidden whole, with what is still to come', () => {
  writeFileSync(at('own', 'old'), 'x');
  expect(outOfSight([at('own', 'old'), at('own', 'new')])).toEqual([at('own'), at('own', 'old'), at('own', 'new')]);
});

it('of a folder that holds something else the files alone are hidden', () => {
  writeFileSync(at('own', 'old'), 'x');
  writeFileSync(at('own', 'stagegate.yml'), 'x');
  expect(outOfSight([at('own', 'old')])).toEqual([at('own', 'old')]);
});

it('what a link leads to is hidden too', () => {
  writeFileSync(at('elsewhere'), 'x');
  symlinkSync(at('elsewhere'), at('own', 'linked'));
  expect(outOfSight([at('own', 'linked')])).toEqual([at('own'), at('elsewhere')]);
});

it('a folder as Kubernetes mounts secrets is one of its own', () => {
  mkdirSync(at('own', '..2026'));
  writeFileSync(at('own', '..2026', 'github'), 'x');
  symlinkSync('..2026', at('own', '..data'));
  symlinkSync(join('..data', 'github'), at('own', 'github'));
  expect(outOfSight([at('own', 'github')])).toEqual([at('own'), at('own', '..2026', 'github')]);
});

it('where there is no such folder the name alone is known', () => {
  expect(outOfSight([at('none', 'secret')])).toEqual([at('none', 'secret')]);
});
