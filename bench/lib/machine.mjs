import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT } from './product.mjs';

const FLUSH_TEST_MS = 400;
/** Where Linux has a file system in memory. */
const MEMORY = '/dev/shm';

/** Load of the last minute; anything beside the benchmark itself is in it too. */
export function load1() {
  return loadavg()[0];
}

/** First line of every results file: where and on what the figures were made. @param {object} flags */
export function describeMachine(flags) {
  return {
    type: 'env',
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    ram_mb: Math.round(totalmem() / 2 ** 20),
    kernel: `${type()} ${release()}`,
    data_fs: fileSystemOf(ROOT),
    node: process.versions.node,
    fdatasync_per_s: flushesPerSecond(),
    git_sha: revision(),
    flags,
    load1: load1(),
    started_at: new Date().toISOString(),
  };
}

/**
 * A new folder on the disk of the checkout: a /tmp in memory would make every flush free.
 *
 * @param {'disk' | 'memory'} place `memory` for what is to be measured without the disk's file system
 */
export function workFolder(place = 'disk') {
  if (place === 'memory') return mkdtempSync(join(MEMORY, 'stagegate-bench-'));
  const base = join(ROOT, '.stagegate');
  mkdirSync(base, { recursive: true });
  return mkdtempSync(join(base, 'bench-'));
}

/** Whether `workFolder('memory')` is to be had here. */
export function hasMemoryFolder() {
  return existsSync(MEMORY) && fileSystemOf(MEMORY) === 'tmpfs';
}

export function removeFolder(dir) {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

function flushesPerSecond() {
  const dir = workFolder();
  const fd = openSync(join(dir, 'flush'), 'w');
  const until = performance.now() + FLUSH_TEST_MS;
  let count = 0;
  for (; performance.now() < until; count += 1) {
    writeSync(fd, Buffer.alloc(4096, count));
    fdatasyncSync(fd);
  }
  closeSync(fd);
  removeFolder(dir);
  return Math.round((count * 1000) / FLUSH_TEST_MS);
}

/** Type of the file system that holds a path; of ext4 also whether it has no journal, which makes new files dear where many were deleted. */
export function fileSystemOf(path) {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const under = mounts.filter(([, at]) => path === at || path.startsWith(at.endsWith('/') ? at : `${at}/`));
  const [deepest] = under.sort((a, b) => b[1].length - a[1].length);
  if (!deepest) return 'unknown';
  const [device, , kind] = deepest;
  return kind === 'ext4' && !hasJournal(basename(device)) ? 'ext4 without a journal' : kind;
}

/** Linux lists every journal in use as `<device>-<inode>`; a device that goes by another name here counts as one with a journal. */
function hasJournal(device) {
  const isKnown = existsSync(join('/proc/fs/ext4', device));
  return !isKnown || readdirSync('/proc/fs/jbd2').some((name) => name.startsWith(`${device}-`));
}

function revision() {
  try {
    const sha = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
    const changed = execFileSync('git', ['status', '--porcelain', 'src'], { cwd: ROOT, encoding: 'utf8' }).trim();
    return changed ? `${sha}+changes` : sha;
  } catch {
    // A copy without its history can be measured as well.
    return 'unknown';
  }
}
