/* eslint-disable no-console -- a command-line tool prints */
import { chaosOptions } from './options';
import { report } from './report';
import { runChaos } from './run-chaos';

/**
 * Replicas of the built program on one PostgreSQL, killed and stopped at random while they work; then everything is healed
 * and has to come to rest, and what is left is read from the log and from git alone. Ends with exit code 0 only when all
 * that is promised holds: `--seconds 60`, `--kills 200`, `--postmaster-kills 12`, `--replicas 3`, `--seed 7`, `--json`.
 */
async function main(): Promise<number> {
  const options = chaosOptions(process.argv.slice(2));
  const { seed, seconds, kills, postmasterKills, replicas } = options;
  console.error(
    `seed ${seed}: ${replicas} replicas, ${seconds} s, ${kills} kills of replicas, ${postmasterKills} of the server`,
  );
  const result = await runChaos(options, (line) => {
    console.error(line);
  });
  console.log(options.json ? JSON.stringify({ options, ...result }, null, 2) : report(options, result));
  return result.evidence === null ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
