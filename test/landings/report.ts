import { honestLandings } from './measure';

/** How many honest landings `stagegate audit landings` flags: `npm run landings`, with `--seeds 2` and `--count 1000` as they are. */
async function main(args: readonly string[]): Promise<void> {
  const value = (name: string, usual: number) => Number(args[args.indexOf(`--${name}`) + 1] || usual);
  const [seeds, count] = [
    args.includes('--seeds') ? value('seeds', 2) : 2,
    args.includes('--count') ? value('count', 1_000) : 1_000,
  ];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const startedAt = performance.now();
    const all = await honestLandings(seed, count);
    const flagged = all.filter(({ findings }) => findings.length > 0);
    const merges = all.filter(({ kind }) => kind === 'clean' || kind === 'by-hand');
    const share = ((100 * flagged.length) / all.length).toFixed(2);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    say(
      `seed ${seed}: ${all.length} honest landings, ${merges.length} of them merges: ${flagged.length} flagged (${share} %), ${seconds} s`,
    );
    for (const { did, landing, findings } of flagged)
      for (const { rule, path } of findings) say(`  ${landing.oid.slice(0, 10)} ${rule} ${path}: ${did}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main(process.argv.slice(2));
