import { statSync } from 'node:fs';
import { hookName, HOOK_SOURCES } from '../../domain/hooks/hook-sources';
import { loadAlerts, placesOfSink } from '../../infrastructure/config/alerts/load-alerts';
import { processEnvironment, type Environment } from '../../infrastructure/config/environment';
import { loadProjects } from '../../infrastructure/config/project/load-projects';
import { hookSecretAt } from '../../infrastructure/hooks/hook-secrets';
import { isInOwnFolder } from '../../infrastructure/secrets/out-of-sight';
import { filesOf, secretAt, type SecretFound, type SecretPlace } from '../../infrastructure/secrets/secret-place';
import type { ServiceConfig } from '../../infrastructure/config/service-config';
import { NodeHasher } from '../../infrastructure/system/node-hasher';
import { need, type CheckContext } from './check-context';
import { fail, ok, warn, type Finding } from './finding';

const NAME = 'secrets';
const OTHERS = 0o077;

/** Who signs with, or is let in by, any of some secrets. */
export interface Signer {
  readonly who: string;
  readonly secrets: readonly { readonly place: SecretPlace; readonly found: SecretFound }[];
}

/** Every secret that the project file names, as a service would read it here; nothing of it is shown. */
export async function checkSecrets({ config, projects }: CheckContext): Promise<Finding | readonly Finding[]> {
  if (config === null || 'error' in projects) return [];
  return secretsFinding(signersOf(need(config), processEnvironment()));
}

/** Fails where somebody has none left. One of two may be on its way, and a variable may be there for the service alone. */
export function secretsFinding(signers: readonly Signer[]): Finding {
  const seen = signers.map(({ who }) => who).join(', ') || 'none named';
  const missing = signers.flatMap(({ who, secrets }) =>
    secrets.flatMap(({ found }) => ('missing' in found ? [`${who}: ${found.missing}`] : [])),
  );
  const all = signers.flatMap(({ secrets }) => secrets);
  const lines = [...missing, ...filesOf(all.filter(isFound).map(({ place }) => place)).flatMap(openTo)];
  if (signers.some(hasNone)) return fail(NAME, seen, ...lines);
  if (lines.length > 0) return warn(NAME, seen, ...lines);
  const files = filesOf(all.map(({ place }) => place));
  return ok(NAME, seen, files.filter((file) => !isInOwnFolder(file, files)).map(amongOthers));
}

function signersOf(config: ServiceConfig, environment: Environment): readonly Signer[] {
  const configured = loadProjects(config, new NodeHasher());
  const ofHooks = configured.all().flatMap(({ policy: { project } }) =>
    HOOK_SOURCES.map((source) => ({
      who: hookName(project, source),
      secrets: (configured.hooks(project)[source] ?? []).map((place) => ({
        place,
        found: hookSecretAt(place, source, environment),
      })),
    })),
  );
  const ofAlerts = loadAlerts(config.projectsFile).sinks.map((sink) => ({
    who: `alerts.sinks.${sink.name}`,
    secrets: placesOfSink(sink).map((place) => ({ place, found: secretAt(place, environment) })),
  }));
  return [...ofHooks, ...ofAlerts].filter(({ secrets }) => secrets.length > 0);
}

function isFound({ found }: Signer['secrets'][number]): boolean {
  return 'secret' in found;
}

function hasNone({ secrets }: Signer): boolean {
  return secrets.every(({ place, found }) => 'missing' in found && 'file' in place);
}

function openTo(file: string): readonly string[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & OTHERS) === 0) return [];
  const seen = (mode & 0o777).toString(8).padStart(3, '0');
  return [`${file}: expected mode 600, saw ${seen}; chmod 600 it: whoever reads it can sign`];
}

function amongOthers(file: string): string {
  const why = 'runs that are under way never see what is renamed into one';
  return `${file}: expected a folder with nothing but secrets, saw other files there; make one: ${why}`;
}
