import { execFile } from 'node:child_process';
import { landingRepository } from './landing-repository.mjs';
import { load1, removeFolder, workFolder } from './machine.mjs';
import { CLI } from './product.mjs';
import { median, rounded } from './stats.mjs';

/**
 * `stagegate land` as it is typed: from the start of the process to the first event it records, and from the last event to its
 * end. The first one makes the files of the repository's state, and is not counted.
 */
export async function landStarts(starts) {
  const dir = workFolder();
  const before = load1();
  try {
    const { repo, branches } = landingRepository(dir, { files: 10, branches: starts + 1 });
    const samples = [];
    for (const branch of branches) samples.push(await landOnce(repo, branch));
    const [, ...counted] = samples;
    const of = (pick) => rounded(median(counted.map(pick)));
    const faults = samples.flatMap(({ fault }) => fault ?? []);
    return {
      type: 'land-start',
      starts,
      start_ms: of(({ startMs }) => startMs),
      all_ms: counted.map(({ startMs }) => rounded(startMs)),
      end_ms: of(({ endMs }) => endMs),
      whole_ms: of(({ wholeMs }) => wholeMs),
      load1: [before, load1()],
      valid: faults.length === 0,
      why_invalid: faults[0] ?? null,
    };
  } finally {
    removeFolder(dir);
  }
}

/** By the clock that events bear, so that this and the other process speak of the same time. */
function landOnce(repo, branch) {
  const { PATH = '', HOME = '/' } = process.env;
  const args = [CLI, 'land', branch, '--suite', 'true', '--repo', repo, '--json'];
  const startedAt = Date.now();
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { PATH, HOME, NO_COLOR: '1' } }, (error, stdout, stderr) => {
      const endedAt = Date.now();
      const times = [...stdout.matchAll(/"at":"([^"]+)"/g)].map(([, at]) => Date.parse(at));
      const fault = error || times.length === 0 ? `${branch}: ${stderr.trim() || 'no event'}` : null;
      const [startMs, endMs] = [Math.min(...times) - startedAt, endedAt - Math.max(...times)];
      resolve({ startMs, endMs, wholeMs: endedAt - startedAt, fault });
    });
  });
}
