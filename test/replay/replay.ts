/* eslint-disable no-console -- a command-line tool prints */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generate } from './generate';
import { replayOptions, type ReplayOptions } from './options';
import { summaryOf, textOf, type Summary } from './report';
import { replayMerges } from './run-replay';

/**
 * Lands again what a repository has merged: `--repo PATH` for a clone, or `--generate SEED` for made-up ones;
 * `--merges 200`, `--main main`, `--shape stacked,merged,files`, `--cli-every 20`, `--json`. Ends with exit code 1 when
 * anything came out otherwise than git makes it.
 */
async function main(): Promise<number> {
  const options = replayOptions(process.argv.slice(2));
  const summaries = options.source.kind === 'repository' ? [await ofRepository(options.source.path, options)] : [];
  if (options.source.kind === 'generated') {
    const { seed, shapes } = options.source;
    for (const shape of shapes) summaries.push(await ofShape({ seed, shape }, options));
  }
  console.log(options.json ? JSON.stringify(summaries, null, 2) : textOf(summaries));
  return summaries.every(({ mismatches }) => mismatches.length === 0) ? 0 : 1;
}

async function ofRepository(path: string, options: ReplayOptions): Promise<Summary> {
  return summaryOf(await replayMerges(resolve(path), { ...options, name: path }));
}

async function ofShape(
  wanted: Omit<Parameters<typeof generate>[1], 'merges'>,
  options: ReplayOptions,
): Promise<Summary> {
  const root = mkdtempSync(join(tmpdir(), 'stagegate-generated-'));
  try {
    const repo = join(root, `${wanted.shape}.git`);
    generate(repo, { ...wanted, merges: options.merges });
    return summaryOf(await replayMerges(repo, { ...options, name: `${wanted.shape}, seed ${wanted.seed}` }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
