import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Core } from '../compose/core';
import { ConfigError } from '../infrastructure/config/config-error';
import { loadProjects } from '../infrastructure/config/load-projects';
import { loadServiceConfig, type ServiceConfig } from '../infrastructure/config/service-config';
import { openSqliteEventStore } from '../infrastructure/event-stores/sqlite-event-store';
import { inspectRepository } from '../infrastructure/git/inspect';
import { NodeHasher } from '../infrastructure/system/node-hasher';
import { PinoLog } from '../infrastructure/system/pino-log';
import { recordedProjects } from './recorded-projects';
import { UserError } from './user-error';

/** Opens the stores themselves, whether a service runs on them or not. @param repo its `land` state instead of the service's. */
export async function openCore(repo: string | undefined): Promise<Core> {
  if (repo !== undefined) return openRepositoryCore(resolve(repo));
  const config = loadServiceConfig();
  if (config.eventStore.kind === 'memory') {
    throw new UserError(
      'STAGEGATE_EVENT_STORE_URL: expected a store that other processes can read, saw memory: and no service runs',
    );
  }
  return openServiceCore(config);
}

function openServiceCore(config: ServiceConfig): Promise<Core> {
  const { stateDir, eventStore, readModel, agentEnvironment, subprocessTreeKillEnabled } = config;
  const projects = loadProjects(config, new NodeHasher());
  const out = new PinoLog({ level: 'error' });
  return Core.open({
    stateDir,
    eventStore,
    readModel,
    projects,
    agentEnvironment,
    treeKill: subprocessTreeKillEnabled,
    out,
  });
}

/** The projects of a repository's own state are in its log: `land` has no project file. */
async function openRepositoryCore(path: string): Promise<Core> {
  const { gitDir } = await inspectRepository({ project: 'repo', path, main: 'main' }, 'main');
  const stateDir = join(gitDir, 'stagegate');
  const file = join(stateDir, 'events.db');
  try {
    readFileSync(file, { flag: 'r' });
  } catch (cause) {
    throw new ConfigError(
      `--repo: expected a repository in which land has run, saw no ${file}; run stagegate land first`,
      { cause },
    );
  }
  const store = await openSqliteEventStore(file);
  const projects = await recordedProjects(store);
  await store.close();
  const readModel = { kind: 'file', path: join(stateDir, 'read-models.db') } as const;
  return Core.open({
    stateDir,
    eventStore: { kind: 'file', path: file },
    readModel,
    projects,
    agentEnvironment: [],
    treeKill: true,
    out: new PinoLog({ level: 'error' }),
  });
}
