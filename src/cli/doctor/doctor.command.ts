import { EXIT } from '../exit-codes';
import type { Output } from '../output';
import { dim, green, red, yellow, type Styled } from '../styled';
import { checkConfiguration, checkProjectFile, checkRepositories } from './config-checks';
import { checkOwnClones } from './clone-check';
import { checkCommands } from './command-check';
import { runChecks, worst, type Check, type Finding, type Verdict } from './finding';
import { checkIsolation } from './isolation-check';
import { checkGit, checkNode } from './program-checks';
import { checkSecrets } from './secrets-check';
import { checkSinks } from './sink-check';
import { checkLeftOvers, checkPort, checkService } from './service-checks';
import { checkDisk, checkLogs, checkSetupCache, checkStateDir } from './state-checks';
import { checkUser } from './user-check';
import { checkContext, type CheckContext } from './check-context';

/** In the order in which one would put things right. */
const CHECKS: readonly Check<CheckContext>[] = [
  { name: 'node', look: checkNode },
  { name: 'git', look: checkGit },
  { name: 'user', look: checkUser },
  { name: 'isolation', look: checkIsolation },
  { name: 'configuration', look: checkConfiguration },
  { name: 'project file', look: checkProjectFile },
  { name: 'secrets', look: checkSecrets },
  { name: 'alert sinks', look: checkSinks },
  { name: 'commands', look: checkCommands },
  { name: 'repositories', look: checkRepositories },
  { name: 'state directory', look: checkStateDir },
  { name: 'disk', look: checkDisk },
  { name: 'logs', look: checkLogs },
  { name: 'kept set-ups', look: checkSetupCache },
  { name: 'own clones', look: checkOwnClones },
  // Loaded when it is their turn: a driver that does not load is a finding, and not the end of all others.
  { name: 'event store', look: async (at) => (await import('./store-checks.js')).checkEventStore(at) },
  { name: 'record', look: async (at) => (await import('./record-check.js')).checkRecord(at) },
  { name: 'read models', look: async (at) => (await import('./read-model-check.js')).checkReadModels(at) },
  { name: 'left-overs', look: checkLeftOvers },
  { name: 'port', look: checkPort },
  { name: 'service', look: checkService },
];

/**
 * Looks at everything the program stands on, and changes nothing.
 *
 * @param repo whose own state is meant, as for the reading commands.
 * @returns the exit code.
 */
export async function doctor(repo: string | undefined, output: Output): Promise<number> {
  const checks = await runChecks(CHECKS, await checkContext(repo));
  const verdict = worst(checks);
  if (output.isJson) output.json({ checks, verdict });
  else report(checks, output);
  return verdict === 'fail' ? EXIT.unhealthy : EXIT.ok;
}

const COLOURS: Readonly<Record<Verdict, (text: string) => Styled>> = { ok: green, warn: yellow, fail: red };

function report(checks: readonly Finding[], output: Output): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, verdict, seen, fix } of checks) {
    output.line(COLOURS[verdict](verdict.padEnd(4)), `  ${name.padEnd(width)}  ${seen}`);
    for (const line of fix) output.line(`      ${line}`);
  }
  const count = (verdict: Verdict) => checks.filter((check) => check.verdict === verdict).length;
  output.line(dim(`${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed`));
}
