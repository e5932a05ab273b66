/* eslint-disable no-console -- a command-line tool prints */
import { soakOptions } from './options';
import { report } from './report';
import { runSoak } from './run-soak';

/**
 * Replicas of the built program on one PostgreSQL, with ordinary work and, beside it, all that once kept a service busy for
 * ever, broke it or lied to it. Ends with exit code 0 only when the ordinary work ended as it should, memory stayed flat and
 * every replica stopped in time: `--seconds 1800`, `--replicas 2`, `--seed 7`, `--json`.
 */
async function main(): Promise<number> {
  const options = soakOptions(process.argv.slice(2));
  console.error(`seed ${options.seed}: ${options.replicas} replicas, ${options.seconds} s`);
  const result = await runSoak(options, (line) => {
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
