import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { forEverySwitch } from '../../../domain/policy/switches';
import { BUILT_IN_DEFAULTS } from '../../../infrastructure/config/project/policy-defaults';
import { ConfiguredProjects } from '../../../infrastructure/config/project/configured-projects';
import { readProjectFile } from '../../../infrastructure/config/project/load-projects';
import type { ServiceConfig } from '../../../infrastructure/config/service-config';
import { NodeHasher } from '../../../infrastructure/system/node-hasher';
import type { Files } from '../sample-repository';
import { TOOLS } from './gate-tools';
import { TALES } from './gate-tales';

export const PROJECT = 'shop';
/** What CI says of each commit, under this name. */
export const CI_CHECK = 'parses';

/** Nothing here takes more than a second on a machine of its own. */
const timeout = '120s';

/** The project file, as an operator would write it: every gate has its block. */
function projectFile(root: string, repo: string): unknown {
  const tool = (name: string) => join(root, name);
  const node = (name: string) => [process.execPath, tool(name)];
  const shop = {
    repo,
    entryStages: ['development'],
    ci: { requiredChecks: [CI_CHECK] },
    testing: { suite: 'node --test', timeout, minIsolation: 'none' },
    staging: { suite: 'node smoke.js', timeout, minIsolation: 'none' },
    judge: { run: 'main-tests', timeout },
    security: { command: node('scan.cjs'), report: 'scan.sarif', timeout, minIsolation: 'none' },
    coverage: {
      command: 'node --test --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info',
      report: 'lcov.info',
      sources: ['lib/**'],
      timeout,
      minIsolation: 'none',
    },
    image: { command: node('image.cjs'), layout: 'image', maxAge: '1h', timeout, minIsolation: 'none' },
    deploy: { command: [tool('deploy.sh')], timeout },
    monitor: { command: [tool('health.sh')], every: '1s', for: '2s', failures: 1 },
    requiredGates: [...new Set(TALES.map(({ gate }) => gate))],
    agents: {
      developer: { command: [tool('developer.sh')], timeout },
      reviewer: { command: [tool('reviewer.sh')], timeout },
    },
    backoff: { base: '500ms', max: '1s' },
    // They come before the environment: what is announced does not depend on that.
    switches: forEverySwitch(() => true),
  };
  return { version: 1, projects: { [PROJECT]: shop } };
}

/** Lays out the operator's tools, the shelves of the shop and the project file. */
export async function gatesProject(
  root: string,
  repo: string,
  { switches }: ServiceConfig,
): Promise<ConfiguredProjects> {
  await layOut(root, TOOLS);
  for (const name of Object.keys(TOOLS)) await chmod(join(root, name), 0o755);
  for (const { branch, gate, draft, repair, knows } of TALES) {
    const tale = join(root, 'tales', branch);
    await layOut(tale, { knows });
    await layOut(join(tale, 'draft'), draft);
    if (repair) await layOut(join(tale, 'repair'), repair);
    if (gate !== 'check_deploy_status') await mkdir(shelf(root, branch), { recursive: true });
    if (gate === 'check_monitor_healthy') await layOut(shelf(root, branch), { rot: '' });
  }
  const file = join(root, 'stagegate.yml');
  await writeFile(file, JSON.stringify(projectFile(root, repo), null, 2));
  return new ConfiguredProjects(readProjectFile(file, new NodeHasher(), BUILT_IN_DEFAULTS), switches);
}

/** What a person does about a shelf that is not there, or not clean. */
export async function mendShelf(root: string, fruit: string): Promise<void> {
  await mkdir(shelf(root, fruit), { recursive: true });
  await rm(join(shelf(root, fruit), 'rot'), { force: true });
}

function shelf(root: string, fruit: string): string {
  return join(root, 'site', fruit);
}

async function layOut(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
