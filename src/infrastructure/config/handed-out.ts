import type { Project } from '../../application/projects';
import { secretsIn } from '../../application/secrets';
import type { ProjectPolicy } from '../../domain/policy/project-policy';
import { suitesOf } from '../../domain/policy/commands';
import { ConfigError } from './config-error';
import type { Environment } from './environment';
import { SERVICE_KEYS } from './service-keys';
import type { ServiceConfig } from './service-config';

/** The URL of a store under another name, `DATABASE_URL` for example, is the key to the store all the same. */
export function checkHandedOut(
  config: ServiceConfig,
  projects: readonly Project[],
  environment: Environment,
  secrets: readonly string[] = [],
): void {
  const lists: readonly (readonly [key: string, names: readonly string[]])[] = [
    [SERVICE_KEYS.agentEnvironment.name, config.agentEnvironment],
    ...projects.flatMap(({ policy }) => [
      ...suitesOf(policy).map(([block, { env }]) => [`projects.${policy.project}.${block}.env`, env] as const),
      ...credentialsOf(policy),
      ...(policy.deploy ? [[`projects.${policy.project}.deploy.env`, policy.deploy.env] as const] : []),
      ...(policy.monitor?.check.kind === 'command'
        ? [[`projects.${policy.project}.monitor.env`, policy.monitor.check.env] as const]
        : []),
    ]),
  ];
  for (const [key, names] of lists) {
    for (const name of names) {
      refuseUrlOfStore(key, name, environment);
      if (!secrets.includes(name)) continue;
      const text = `${key}: expected variables without credentials of the service, saw ${name}, which is a secret of alerts or hooks; take it out`;
      throw new ConfigError(text);
    }
  }
}

/** What a registry is told is handed out, too. */
function credentialsOf({
  project,
  image,
}: ProjectPolicy): readonly (readonly [key: string, names: readonly string[]])[] {
  if (image?.source.kind !== 'registry' || image.source.credentials === null) return [];
  return [[`projects.${project}.image.credentials`, [image.source.credentials]]];
}

const URLS = [SERVICE_KEYS.eventStore.name, SERVICE_KEYS.readModel.name];

function refuseUrlOfStore(key: string, name: string, environment: Environment): void {
  const value = environment[name] ?? '';
  const held = URLS.find((url) => hasPassword(environment[url]) && value.includes(environment[url] ?? ''));
  if (held === undefined) return;
  throw new ConfigError(
    `${key}: expected variables without credentials of the service, saw ${name}, which holds ${held}; take it out`,
  );
}

function hasPassword(url = ''): boolean {
  return secretsIn(url).length > 0;
}
