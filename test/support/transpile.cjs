// One way to make JavaScript of TypeScript for all tests: in Jest, and in their child processes. Types are checked by
// `npm run typecheck`, not here. Loading the compiler takes a process long, and every process that a Jest worker starts costs
// the more, the more memory the worker has: so what one process has made all later ones take from a folder, by the hash of
// everything it is made of.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { version } = require('typescript/package.json');

const KEPT = resolve(__dirname, '../../node_modules/.cache/stagegate-test');
/** Another compiler or other options give another output. */
const made = `${version}\0${readFileSync(__filename, 'utf8')}`;

/** @param file absolute, for the source map. @returns CommonJS, with its source map. */
function transpile(source, file) {
  const path = pathOf(source, file);
  return read(path) ?? keep(path, compile(source, file));
}

/** Whether `transpile` has to compile. */
function isKept(source, file) {
  return existsSync(pathOf(source, file));
}

function pathOf(source, file) {
  const hash = createHash('sha256');
  for (const part of [made, file, source]) hash.update(part).update('\0');
  return join(KEPT, `${hash.digest('hex')}.js`);
}

function compile(source, fileName) {
  const ts = require('typescript');
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    esModuleInterop: true,
    allowJs: true,
    inlineSourceMap: true,
    inlineSources: true,
  };
  return ts.transpileModule(source, { fileName, compilerOptions }).outputText;
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

module.exports = { made, transpile, isKept };
