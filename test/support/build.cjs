// End-to-end tests run what users run: dist/. Built here, so that nobody ever tests yesterday's program; a build that is
// newer than everything it was made from is left alone, because most runs are of one test file.
const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, statSync, utimesSync } = require('node:fs');
const { join } = require('node:path');
const { makeSpreadTemp } = require('./spread-temp.cjs');
const { transpileAll } = require('./transpile-all.cjs');

const STAMP = 'dist/.tsbuildinfo';
const SOURCES = [
  'src',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.client.json',
  'esbuild.config.mjs',
];

module.exports = async () => {
  makeSpreadTemp();
  build();
  await transpileAll();
};

function build() {
  const startedAt = new Date();
  if (existsSync(STAMP) && Math.max(...SOURCES.map(newest)) < statSync(STAMP).mtimeMs) return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  utimesSync(STAMP, startedAt, startedAt);
}

/** When anything below a path was last changed; a folder counts too, so that a removed file is noticed. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
