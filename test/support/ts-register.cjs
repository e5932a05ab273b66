// Lets a child process of a test run TypeScript: `node -r ./test/support/ts-register.cjs file.ts`.
// Types are checked elsewhere; here a file is only transpiled, and that once: loading the compiler takes a child a second
// and more, so what one process has transpiled all later ones take from a folder, by the hash of everything it is made of.
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join, relative, resolve } = require('node:path');
const { made, transpile } = require('./transpile.cjs');

const KEPT = resolve(__dirname, '../../node_modules/.cache/stagegate-test');

/** `STAGEGATE_TEST_MUTANT`: {"file","find","replace"}, a deliberate fault that a test suite has to notice. */
const mutant = process.env.STAGEGATE_TEST_MUTANT ? JSON.parse(process.env.STAGEGATE_TEST_MUTANT) : null;

require.extensions['.ts'] = (module, file) => {
  const source = mutated(readFileSync(file, 'utf8'), file);
  const path = join(KEPT, `${keyOf(source, file)}.js`);
  module._compile(read(path) ?? keep(path, transpile(source, file)), file);
};

function mutated(source, file) {
  if (!mutant || relative(process.cwd(), file) !== mutant.file) return source;
  const parts = source.split(mutant.find);
  if (parts.length !== 2)
    throw new Error(
      `mutant: expected ${JSON.stringify(mutant.find)} once in ${mutant.file}, saw it ${parts.length - 1} times`,
    );
  return parts.join(mutant.replace);
}

function keyOf(source, file) {
  const hash = createHash('sha256');
  for (const part of [made, file, source]) hash.update(part).update('\0');
  return hash.digest('hex');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // Not transpiled yet, or not for this user to read.
  }
}

/** Whole or not at all: other processes read at the same time. */
function keep(path, text) {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch {
    // A folder that cannot be written to costs time only.
    rmSync(draft, { force: true });
  }
  return text;
}
