// Transpiles what tests load before they start: a few processes do it once, while each Jest worker would do it anew with a
// compiler of its own. Run as a program it transpiles the files it is given.
const { spawn } = require('node:child_process');
const { readdirSync, readFileSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join, resolve } = require('node:path');
const esmPackages = require('./esm-packages.cjs');
const { isKept, transpile } = require('./transpile.cjs');

const ROOT = resolve(__dirname, '../..');
const FOLDERS = ['src', 'test', ...esmPackages.map((name) => `node_modules/${name}`)];
const FILES = ['.dependency-cruiser.cjs'].map((name) => join(ROOT, name));

/** Resolves when every file that tests may load is kept; rejects when one could not be transpiled. */
async function transpileAll() {
  const all = [...FILES, ...FOLDERS.flatMap(codeBelow)];
  const missing = all.filter((file) => !isKept(readFileSync(file, 'utf8'), file));
  if (missing.length === 0) return;
  const shares = Array.from({ length: availableParallelism() }, () => []);
  for (const [index, file] of missing.entries()) shares[index % shares.length].push(file);
  await Promise.all(shares.filter((share) => share.length > 0).map(transpileApart));
}

function codeBelow(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .filter((name) => /(?<!\.d)\.[cm]?[jt]s$/.test(name))
    .map((name) => join(ROOT, folder, name));
}

function transpileApart(files) {
  const child = spawn(process.execPath, [__filename, ...files], { stdio: 'inherit' });
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => (code === 0 ? done() : failed(new Error(`transpiling ended with exit code ${code}`))));
  });
}

if (require.main === module) for (const file of process.argv.slice(2)) transpile(readFileSync(file, 'utf8'), file);

module.exports = { transpileAll };
