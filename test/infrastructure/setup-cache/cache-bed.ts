import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SetupPlan } from '../../../src/application/ports/setup-cache';
import { FileSetupCache } from '../../../src/infrastructure/setup-cache/file-setup-cache';
import { QuietLogger } from '../../support/quiet-logger';

export const root = mkdtempSync(join(tmpdir(), 'stagegate-setup-cache-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A cache of its own for each test, and the state folder that it is in. */
export const bed = { state: '', cache: new FileSetupCache('', new QuietLogger()) };
beforeEach(() => {
  bed.state = mkdtempSync(join(root, 'state-'));
  bed.cache = new FileSetupCache(bed.state, new QuietLogger());
});

export const PLAN: SetupPlan = {
  project: 'web',
  folders: ['modules'],
  keyFiles: ['lock.json'],
  digest: 'd'.repeat(64),
  maxBytes: 1_000_000,
};
export const TREE = '1'.repeat(40);

/** A fresh clone, as a run finds it. */
export function freshClone(files: Readonly<Record<string, string>> = { 'lock.json': 'one' }): string {
  const dir = mkdtempSync(join(root, 'clone-'));
  write(dir, files);
  return dir;
}

export function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** A run whose set-up makes these files. @returns why nothing is kept, or how it was restored. */
export async function run(
  made: Readonly<Record<string, string>>,
  { plan = PLAN, treeOid = TREE, cwd = freshClone() } = {},
): Promise<string | null> {
  const pending = await bed.cache.restore(plan, cwd);
  if (pending === 'restored') return 'restored';
  write(cwd, made);
  return pending.keep(treeOid);
}

export async function restoredIn(plan = PLAN, cwd = freshClone()): Promise<string | null> {
  return (await bed.cache.restore(plan, cwd)) === 'restored' ? cwd : null;
}

export const MODULE = { 'modules/a/index.js': 'a' };
