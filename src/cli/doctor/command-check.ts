import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../../infrastructure/config/environment';
import { createProcessRunner } from '../../infrastructure/processes/create-process-runner';
import { pipeWarnings, textsOf } from '../pipe-warnings';
import { fail, ok, warn, type Finding } from './finding';
import { missingPrograms } from './missing-programs';
import { need, type CheckContext } from './check-context';

const NAME = 'commands';

/** Whether the programs are there, and every failure reaches the exit code, as far as can be seen by reading a command. */
export async function checkCommands({ config, projects, host }: CheckContext): Promise<Finding | readonly Finding[]> {
  // What is wrong with the project file has been said.
  if (config === null || 'error' in config || 'error' in projects) return [];
  const texts = projects.value.flatMap(({ policy }) => textsOf(policy));
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  try {
    const runner = createProcessRunner({ stateDir, worker: host.self, treeKill: true });
    const { agentEnvironment } = need(config);
    const policies = projects.value.map(({ policy }) => policy);
    const { PATH: path } = processEnvironment();
    const missing = await missingPrograms(policies, { agentEnvironment, path, runner });
    const lines = await pipeWarnings(texts, runner);
    if (missing.length > 0) return fail(NAME, `programs that are not there: ${missing.length}`, ...missing, ...lines);
    return lines.length === 0
      ? ok(NAME, `texts for sh -c: ${texts.length}, no pipe hides an exit code`)
      : warn(NAME, `texts for sh -c: ${texts.length}, ${lines.length} to be looked at`, ...lines);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}
