import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Core } from '../compose/core';
import { recorded } from '../application/envelope';
import type { EventStore } from '../application/ports/event-store';
import { POLICY_STREAM_PREFIX } from '../domain/ids';
import type { PolicyEvent } from '../domain/policy/policy.events';
import { ConfigError } from '../infrastructure/config/config-error';
import { ConfiguredProjects } from '../infrastructure/config/configured-projects';
import { loadProjects } from '../infrastructure/config/load-projects';
import { loadServiceConfig, type ServiceConfig } from '../infrastructure/config/service-config';
import { openSqliteEventStore } from '../infrastructure/event-stores/sqlite-event-store';
import { inspectRepository } from '../infrastructure/git/inspect';
import { NodeHasher } from '../infrastructure/system/node-hasher';
import { PinoLog } from '../infrastructure/system/pino-log';
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

async function recordedProjects(store: EventStore): Promise<ConfiguredProjects> {
  const { events } = await store.readAll({ prefixes: [POLICY_STREAM_PREFIX], limit: 10_000 });
  const latest = new Map(events.map((event) => [event.stream, recorded<PolicyEvent>(event).data]));
  const known = [...latest.values()].map(({ policy, digest }) => ({
    project: {
      policy,
      policyDigest: digest,
      repository: { project: policy.project, path: policy.repo, main: policy.main },
    },
  }));
  return new ConfiguredProjects(known);
}
