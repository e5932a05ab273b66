import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Folder of the checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const CLI = join(ROOT, 'dist/cli.js');

/** A module of the built product, so that what is measured is what users run. @param {string} path below dist/. */
export function product(path) {
  if (!existsSync(CLI)) throw new Error(`expected the built product, saw no ${CLI}; run npm run build`);
  return require(join(ROOT, 'dist', path));
}

/** The test suite's own check of a log, which folds events by its own rules instead of the product's. */
export function invariants() {
  require(join(ROOT, 'test/support/ts-register.cjs'));
  return require(join(ROOT, 'test/support/invariants.ts'));
}

/** Commands that resist being ended: the same ones as in the test suite of the process runner. */
export function adversarialCases() {
  require(join(ROOT, 'test/support/ts-register.cjs'));
  return require(join(ROOT, 'test/runner/cases.ts')).CASES;
}

/** Version of a package as it is installed. @param {string} name */
export function installedVersion(name) {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}
