import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessRunner } from '../../infrastructure/processes/create-process-runner';
import { pipeWarnings, textsOf } from '../pipe-warnings';
import { ok, warn, type Finding } from './finding';
import type { Surroundings } from './surroundings';

const NAME = 'commands';

/** Whether every failure in a command reaches its exit code, as far as can be seen by reading it. */
export async function checkCommands({ config, projects, host }: Surroundings): Promise<Finding | readonly Finding[]> {
  // What is wrong with the project file has been said.
  if (config === null || 'error' in projects) return [];
  const texts = projects.value.flatMap(({ policy }) => textsOf(policy));
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  try {
    const lines = await pipeWarnings(texts, createProcessRunner({ stateDir, worker: host.self, treeKill: true }));
    return lines.length === 0
      ? ok(NAME, `texts for sh -c: ${texts.length}, no pipe hides an exit code`)
      : warn(NAME, `texts for sh -c: ${texts.length}, ${lines.length} to be looked at`, ...lines);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}
