import { buildProject } from '../../infrastructure/config/project/build-project';
import { ConfiguredProjects } from '../../infrastructure/config/project/configured-projects';
import type { ServiceConfig } from '../../infrastructure/config/service-config';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { machineDir } from './stories';

/** Long enough for a test that takes half a second on a machine that is twelve times slower; two of the stories wait for it. */
const SUITE_TIMEOUT_MS = 6_000;

/** One repository under two policies: the second has a developer agent, the first leaves repairs to people. */
export function demoProjects({
  root,
  repo,
  developer,
  switches,
}: {
  root: string;
  repo: string;
  developer: string;
  switches: ServiceConfig['switches'];
}): ConfiguredProjects {
  const common = {
    repo,
    entryStages: ['deploy-staging'] as const,
    staging: {
      suite: `MACHINE='${machineDir(root)}' node --test`,
      timeoutMs: SUITE_TIMEOUT_MS,
      graceMs: 300,
      minIsolation: 'none' as const,
    },
    budgets: { infra: 1 },
    backoff: { baseMs: 500, maxMs: 1_000 },
  };
  const agents = { developer: { command: ['sh', developer], timeoutMs: 30_000, graceMs: 300 } };
  const hasher = new NodeHasher();
  const projects = [
    { project: buildProject(hasher, { ...common, project: 'shop' }) },
    { project: buildProject(hasher, { ...common, project: 'shop-bots', agents }) },
  ];
  return new ConfiguredProjects(projects, switches);
}
