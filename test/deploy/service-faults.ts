import { loadServiceConfig, type ServiceConfig } from '../../src/infrastructure/config/service-config';
import { durationMs } from '../../src/infrastructure/config/values/duration';
import { textOf } from '../docs/pages';
import { mountOf, mountsOf, networksOf, type Compose, type Service } from './compose-file';
import type { Dockerfile } from './dockerfile';

/** Services of a compose file that run the program itself. */
export function ownServices({ services }: Compose): readonly (readonly [string, Service])[] {
  return Object.entries(services).filter(([, { build }]) => build !== undefined);
}

/** Where a compose file and the program disagree. */
export function serviceFaults(compose: Compose, { env, user }: Dockerfile): readonly string[] {
  const { version } = JSON.parse(textOf('package.json')) as { version: string };
  return ownServices(compose).flatMap(([name, service]) => {
    const faults = faultsOfOne(compose, service, env);
    if (service.image !== `stagegate:${version}`) faults.push(`expected image stagegate:${version}`);
    if (service.hostname !== name) faults.push('expected its own name as hostname: claims are known by it');
    if (user === 'root') faults.push('runs as root');
    return faults.map((fault) => `${name}: ${fault}`);
  });
}

function faultsOfOne(compose: Compose, service: Service, imageEnv: Dockerfile['env']): string[] {
  const environment = { ...imageEnv, ...service.environment };
  let config: ServiceConfig;
  try {
    config = loadServiceConfig(environment);
  } catch (error) {
    return [(error as Error).message];
  }
  const { eventStore, readModel, stateDir, projectsFile } = config;
  const faults: string[] = [];
  if (eventStore.kind !== 'eventstoredb') faults.push(`expected the log in EventStoreDB, saw ${eventStore.kind}`);
  else faults.push(...eventStoreFaults(compose, service, eventStore.url));
  if (readModel.kind !== 'postgres') faults.push(`expected read models in PostgreSQL, saw ${readModel.kind}`);
  else faults.push(...postgresFaults(compose, service, readModel.url));
  const mount = (path: string) => mountOf(service, path);
  if (mount(stateDir)?.isReadOnly !== false) faults.push(`${stateDir} is not kept`);
  if (mount(projectsFile)?.target !== projectsFile) faults.push(`${projectsFile} is not mounted`);
  if (!mountsOf(service).some(({ source }) => source === './repositories')) faults.push('has no repositories');
  if (graceMs(service) < stopSeconds() * 1000) faults.push(`is killed ${graceMs(service)} ms after it is told to stop`);
  return faults;
}

/** A host of a URL has to be a service that is waited for, in a network of ours, at the port that it listens on. */
function hostFaults(compose: Compose, service: Service, host: string, listensOn: (other: Service) => string): string[] {
  const [name = '', port = ''] = host.split(':');
  const other = compose.services[name];
  if (!other) return [`${name} is no service`];
  const faults: string[] = [];
  if (port !== listensOn(other)) faults.push(`${name} listens on ${listensOn(other)}, not on ${port}`);
  if (service.depends_on?.[name]?.condition !== 'service_healthy') faults.push(`does not wait for ${name}`);
  if (![...networksOf(service).keys()].some((network) => networksOf(other).has(network)))
    faults.push(`has no network in common with ${name}`);
  return faults;
}

function eventStoreFaults(compose: Compose, service: Service, url: string): string[] {
  const [, hosts = '', query = ''] = /^esdb:\/\/(?:[^@]*@)?([^?]*)\??(.*)$/.exec(url) ?? [];
  const options = new URLSearchParams(query);
  const nodes = hosts.split(',');
  const faults = nodes.flatMap((host) =>
    hostFaults(compose, service, host, ({ environment }) => environment?.['KURRENTDB_NODE_PORT'] ?? 'none'),
  );
  for (const node of nodes) {
    const isInsecure = compose.services[node.split(':')[0] ?? '']?.environment?.['KURRENTDB_INSECURE'] === 'true';
    if (isInsecure !== (options.get('tls') === 'false')) faults.push(`${node} and the URL disagree about TLS`);
  }
  const authority = options.get('tlsCAFile');
  if (authority === null) return faults;
  const volume = mountOf(service, authority)?.source;
  const written = Object.values(compose.services).some(
    (maker) =>
      maker.command?.join('\n').includes(` ${authority}\n`) &&
      mountsOf(maker).some(({ source, isReadOnly }) => source === volume && !isReadOnly),
  );
  if (!written) faults.push(`nobody writes ${authority}`);
  return faults;
}

function postgresFaults(compose: Compose, service: Service, text: string): string[] {
  const url = new URL(text);
  const faults = hostFaults(compose, service, url.host, () => '5432');
  const settings = compose.services[url.hostname]?.environment ?? {};
  const expected = { USER: url.username, PASSWORD: url.password, DB: url.pathname.slice(1) };
  for (const [key, value] of Object.entries(expected))
    if (settings[`POSTGRES_${key}`] !== value) faults.push(`POSTGRES_${key} of ${url.hostname} is not ${value}`);
  const probe = compose.services[url.hostname]?.healthcheck?.test.join(' ') ?? '';
  if (!probe.includes(`pg_isready --username ${expected.USER} --dbname ${expected.DB}`))
    faults.push(`${url.hostname} is not asked about that database`);
  return faults;
}

function graceMs({ stop_grace_period: text = '10s' }: Service): number {
  return durationMs(text) ?? 0;
}

/** What the page for operators asks of a service manager. */
function stopSeconds(): number {
  return Number(/TimeoutStopSec=(\d+)/.exec(textOf('docs/operations.md'))?.[1]);
}
