import { buildProject } from '../../infrastructure/config/build-project';
import { ConfiguredProjects } from '../../infrastructure/config/configured-projects';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { machineDir } from './stories';

/** One repository under two policies: the second has a developer agent, the first leaves repairs to people. */
export function demoProjects(root: string, repo: string, developer: string): ConfiguredProjects {
  const common = {
    repo,
    entryStages: ['deploy-staging'] as const,
    staging: { suite: `MACHINE='${machineDir(root)}' node --test`, timeoutMs: 4_000, graceMs: 300 },
    budgets: { infra: 1 },
    backoff: { baseMs: 500, maxMs: 1_000 },
  };
  const agents = { developer: { command: ['sh', developer], timeoutMs: 30_000, graceMs: 300 } };
  const hasher = new NodeHasher();
  return new ConfiguredProjects([
    { project: buildProject(hasher, { ...common, project: 'shop' }) },
    { project: buildProject(hasher, { ...common, project: 'shop-bots', agents }) },
  ]);
}
