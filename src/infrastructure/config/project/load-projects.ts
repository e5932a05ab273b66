import { dirname, relative } from 'node:path';
import type { Hasher } from '../../../application/ports/ids';
import { SWITCH_NAMES } from '../../../domain/policy/switches';
import { buildProject } from './build-project';
import type { PolicyDefaults } from './policy-defaults';
import { ConfigError } from '../config-error';
import { ConfiguredProjects, type ConfiguredProject } from './configured-projects';
import { processEnvironment, type Environment } from '../environment';
import { checkHandedOut } from '../handed-out';
import { didYouMean } from '../../../domain/nearest-name';
import { loadAlerts, placesOfSink } from '../alerts/load-alerts';
import { faultOf } from './project-fault';
import { hookPlaces, hookSettings } from './hook-settings';
import { parseProjectFile } from './project-file';
import { projectText } from './project-text';
import { toSettings } from './settings/to-settings';
import { checkReaperBound } from './reaper-bound';
import { SERVICE_KEYS } from '../service-keys';
import type { ServiceConfig } from '../service-config';
import type { Scope } from '../values/value-types';
import type { AlertSettings } from '../../alerts/alert-settings';
import { variablesOf, type SecretPlace } from '../../secrets/secret-place';

/** Reads the project file that the service's configuration names, and checks the two against each other. */
export function loadProjects(
  config: ServiceConfig,
  hasher: Hasher,
  environment: Environment = processEnvironment(),
): ConfiguredProjects {
  const projects = readProjectFile(config.projectsFile, hasher, config.defaults);
  const plain = projects.map(({ project }) => project);
  checkScopes(
    config,
    plain.map(({ policy }) => policy.project),
  );
  checkReaperBound(config.reaperMaxRunningS, plain);
  const configured = new ConfiguredProjects(projects, config.switches);
  checkHandedOut(config, plain, environment, variablesOf(secretPlaces(configured, loadAlerts(config.projectsFile))));
  return configured;
}

/** Where all the secrets are that the project file names. */
export function secretPlaces(projects: ConfiguredProjects, alerts: AlertSettings): readonly SecretPlace[] {
  const ofHooks = projects.all().flatMap(({ policy }) => hookPlaces(projects.hooks(policy.project)));
  return [...ofHooks, ...alerts.sinks.flatMap(placesOfSink)];
}

/** @param path absolute; relative repositories count from its folder. */
export function readProjectFile(path: string, hasher: Hasher, defaults: PolicyDefaults): readonly ConfiguredProject[] {
  const shown = relative(process.cwd(), path).startsWith('..') ? path : relative(process.cwd(), path);
  const { document, projects } = parseProjectFile(shown, projectText(path));
  return [...projects].map(([key, raw]) => ({
    project: buildProject(hasher, toSettings(document, key, raw, dirname(path)), defaults),
    switches: raw.switches ?? {},
    hooks: hookSettings(raw.hooks ?? {}, dirname(path)),
    fault: faultOf(document, key, raw),
  }));
}

/** A misspelt project in a scope would switch a mechanism off where somebody believes it to be on. */
function checkScopes({ switches }: ServiceConfig, known: readonly string[]): void {
  for (const each of SWITCH_NAMES) {
    const scope: Scope = switches[each].projects;
    const { name } = SERVICE_KEYS[`${each}Projects`];
    const unknown = scope === '*' ? undefined : scope.find((project) => !known.includes(project));
    if (unknown === undefined) continue;
    throw new ConfigError(
      `${name}: expected projects of the project file, saw ${unknown}${didYouMean(unknown, known) || '; correct it'}`,
    );
  }
}
