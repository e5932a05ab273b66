import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../application/projects';
import { loadProjects } from '../../infrastructure/config/project/load-projects';
import { loadServiceConfig, type ServiceConfig } from '../../infrastructure/config/service-config';
import type { ReadModelUrl, StoreUrl } from '../../infrastructure/config/values/value-types';
import { inspectRepository } from '../../infrastructure/git/inspect';
import { ProcWorkerHost } from '../../infrastructure/processes/proc/proc-worker-host';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { localPath } from '../local-path';
import { recordedProjects } from '../recorded-projects';
import { NotLookedAt } from './finding';
import { findService, type FoundService } from '../find-service';

/** Where state is kept. */
export interface Place {
  readonly stateDir: string;
  readonly eventStore: StoreUrl;
  readonly readModel: ReadModelUrl;
}

/** Something that is known, or why it is not. */
export type Known<T> = { readonly value: T } | { readonly error: unknown; readonly what: string };

/** What the checks look at, as far as it can be made out. */
export interface CheckContext {
  /** The repository whose own state is looked at; null for the service's. */
  readonly repo: string | null;
  /** Null when the state of a repository is looked at, which has no configuration. */
  readonly config: Known<ServiceConfig> | null;
  readonly projects: Known<readonly Project[]>;
  readonly place: Known<Place>;
  readonly service: FoundService;
  readonly host: ProcWorkerHost;
}

/** @param repo whose own state is meant, as for the reading commands; undefined for the service's. */
export async function checkContext(repo: string | undefined): Promise<CheckContext> {
  const host = new ProcWorkerHost();
  if (repo !== undefined) {
    const path = localPath('--repo', repo);
    const place = await known('repository', () => placeIn(path));
    const projects = await known('event store', () => projectsIn(need(place)));
    return { repo: path, config: null, place, projects, service: { kind: 'none' }, host };
  }
  const config = await known('configuration', () => loadServiceConfig());
  const projects = await known('project file', () => loadProjects(need(config), new NodeHasher()).all());
  const service = 'value' in config ? await findService(config.value.stateDir, host) : ({ kind: 'none' } as const);
  return { repo: null, config, place: config, projects, service, host };
}

/** @throws NotLookedAt: another check reports what is wrong with it. */
export function need<T>(of: Known<T>): T {
  if ('value' in of) return of.value;
  throw new NotLookedAt(`expected a usable ${of.what}, saw none; correct that first`);
}

/** @param what as a person calls it. */
async function known<T>(what: string, find: () => T | Promise<T>): Promise<Known<T>> {
  try {
    return { value: await find() };
  } catch (error) {
    return { error, what };
  }
}

async function placeIn(path: string): Promise<Place> {
  const { gitDir } = await inspectRepository({ project: 'repo', path, main: 'main' }, 'main');
  const stateDir = join(gitDir, 'stagegate');
  return {
    stateDir,
    eventStore: { kind: 'file', path: join(stateDir, 'events.db') },
    readModel: { kind: 'file', path: join(stateDir, 'read-models.db') },
  };
}

/** Those that have landed there; before the first landing there is none, and nothing is known of them. */
async function projectsIn({ stateDir }: Place): Promise<readonly Project[]> {
  const file = join(stateDir, 'events.db');
  if (!existsSync(file)) return [];
  // Where the driver of the embedded store does not load, everything else can be looked at all the same.
  const { readSqliteStore } = await import('../../infrastructure/event-stores/sqlite/inspect-sqlite-store.js');
  return (await readSqliteStore(file, recordedProjects)).all();
}
