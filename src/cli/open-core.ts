import { Core } from '../compose/core';
import { loadProjects } from '../infrastructure/config/project/load-projects';
import { loadServiceConfig, type ServiceConfig } from '../infrastructure/config/service-config';
import { openSqliteEventStore } from '../infrastructure/event-stores/sqlite/sqlite-event-store';
import { NodeHasher } from '../infrastructure/system/node-hasher';
import { PinoLogger } from '../infrastructure/system/pino-logger';
import { landPlace, NEW_LOG_WITH } from './land-place';
import { localPath } from './local-path';
import { recordedProjects } from './recorded-projects';
import { UserError } from './user-error';

/** Opens the stores themselves, whether a service runs on them or not. @param repo its `land` state instead of the service's. */
export async function openCore(repo: string | undefined): Promise<Core> {
  if (repo !== undefined) return openRepositoryCore(localPath('--repo', repo));
  const config = loadServiceConfig();
  if (config.eventStore.kind === 'memory') {
    throw new UserError(
      'STAGEGATE_EVENT_STORE_URL: expected a store that other processes can read, saw "memory:" and no service that runs; start it, or name such a store',
    );
  }
  return openServiceCore(config);
}

function openServiceCore(config: ServiceConfig): Promise<Core> {
  const { stateDir, eventStore, readModel, agentEnvironment, outsideMaxS } = config;
  const projects = loadProjects(config, new NodeHasher());
  const logger = new PinoLogger({ level: 'error' });
  return Core.open({
    stateDir,
    eventStore,
    readModel,
    projects,
    agentEnvironment,
    outsideBoundMs: outsideMaxS * 1000,
    logger,
  });
}

/** The projects of a repository's own state are in its log: `land` has no project file. */
async function openRepositoryCore(path: string): Promise<Core> {
  const { switches } = loadServiceConfig();
  const place = await landPlace(path);
  const store = await openSqliteEventStore(place.eventStore.path);
  const projects = await recordedProjects(store, switches);
  await store.close();
  const logger = new PinoLogger({ level: 'error' });
  return Core.open({ ...place, projects, agentEnvironment: [], logger, newLogWith: NEW_LOG_WITH });
}
