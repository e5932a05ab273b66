import { resolve } from 'node:path';
import type { SlotLimits } from '../../application/conductor/slots';
import { keepSecrets, secretsIn } from '../../application/secrets';
import { forEverySwitch, type SwitchName } from '../../domain/policy/switches';
import { HANDED_TO_RUNS } from '../../domain/handed-to-runs';
import { forEveryJob } from '../../domain/task/job-table';
import { BUILT_IN_DEFAULTS, type PolicyDefaults } from './project/policy-defaults';
import { ConfigError, seenPlain } from './config-error';
import { processEnvironment, type Environment } from './environment';
import { didYouMean } from '../../domain/nearest-name';
import { refuseOneFile } from './values/one-file';
import { isOfTheService } from './own-variables';
import { EXEMPT_PREFIX, SERVICE_KEYS, slotKey, type ServiceKey } from './service-keys';
import type { Scope, StoreUrl } from './values/value-types';

/** Where a mechanism is on, as far as the environment has a say. */
export interface MechanismSwitch {
  readonly enabled: boolean;
  readonly projects: Scope;
}

type Keys = typeof SERVICE_KEYS;
type Values = { readonly [K in keyof Keys]: Keys[K] extends ServiceKey<infer T> ? T : never };

/** Every key by its name, paths absolute, and what is made of several of them. */
export interface ServiceConfig extends Values {
  readonly slots: SlotLimits;
  /** Somebody has set another bound than the default. */
  readonly isReaperBoundChosen: boolean;
  readonly switches: Readonly<Record<SwitchName, MechanismSwitch>>;
  /** For what a project file leaves open. */
  readonly defaults: PolicyDefaults;
}

/** Reads and checks the whole configuration of the service. The first mistake is a `ConfigError`. */
export function loadServiceConfig(environment: Environment = processEnvironment()): ServiceConfig {
  keepSecretsOf(environment);
  refuseUnknown(environment);
  const values = readValues(environment);
  refuseContradictions(values);
  const { stateDir } = values;
  const [eventStore, readModel] = [within(stateDir, values.eventStore), within(stateDir, values.readModel)];
  refuseOneFile(eventStore, readModel);
  return {
    ...values,
    eventStore,
    readModel,
    slots: forEveryJob((kind) => values[slotKey(kind)]),
    isReaperBoundChosen: String(values.reaperMaxRunningS) !== SERVICE_KEYS.reaperMaxRunningS.fallback,
    switches: forEverySwitch((name) => ({ enabled: values[`${name}Enabled`], projects: values[`${name}Projects`] })),
    defaults: defaultsOf(values),
  };
}

function refuseUnknown(environment: Environment): void {
  const known = Object.values(SERVICE_KEYS).map(({ name }): string => name);
  for (const name of Object.keys(environment).sort()) {
    if (!name.startsWith('STAGEGATE_') || name.startsWith(EXEMPT_PREFIX)) continue;
    if (known.includes(name) || HANDED_TO_RUNS.includes(name)) continue;
    throw new ConfigError(`${name}: unknown variable${didYouMean(name, known)} See docs/configuration.md or unset it`);
  }
}

function readValues(environment: Environment): Values {
  const read = Object.entries(SERVICE_KEYS).map(([field, key]) => [field, readValue(key, environment[key.name])]);
  return Object.fromEntries(read) as Values;
}

function readValue(key: ServiceKey<unknown>, text: string | undefined): unknown {
  const parsed = key.type.parse(text ?? key.fallback);
  if ('value' in parsed) return parsed.value;
  const advice = parsed.advice ?? `correct it, or unset it for ${key.fallback}`;
  const { expected, shown = seenPlain } = key.type;
  throw new ConfigError(`${key.name}: expected ${expected}, saw ${shown(text)}; ${advice}`);
}

/** Before anything is said about them, right or wrong. */
function keepSecretsOf(environment: Environment): void {
  for (const [name, value = ''] of Object.entries(environment)) {
    if (name === SERVICE_KEYS.token.name) keepSecrets(value === SERVICE_KEYS.token.fallback ? [] : [value]);
    else if (name.startsWith('STAGEGATE_') && !name.startsWith(EXEMPT_PREFIX)) keepSecrets(secretsIn(value));
    else if (isOfTheService(name)) keepSecrets([value]);
  }
}

/** Mistakes that no single value shows. */
function refuseContradictions(values: Values): void {
  const { backoffS, backoffMaxS, retestTimeoutS, reaperMaxRunningS } = SERVICE_KEYS;
  refuseAbove([backoffS.name, values.backoffS], [backoffMaxS.name, values.backoffMaxS]);
  refuseAbove([retestTimeoutS.name, values.retestTimeoutS], [reaperMaxRunningS.name, values.reaperMaxRunningS]);
}

function refuseAbove([lowName, low]: [string, number], [highName, high]: [string, number]): void {
  if (low <= high) return;
  throw new ConfigError(
    `${lowName}: expected at most ${high} (${highName}), saw ${low}; lower it or raise ${highName}`,
  );
}

function within<Url extends StoreUrl>(stateDir: string, url: Url): Url {
  return url.kind === 'file' ? { ...url, path: resolve(stateDir, url.path) } : url;
}

function defaultsOf(values: Values): PolicyDefaults {
  return {
    timeoutMs: values.stagingTimeoutS * 1000,
    retestTimeoutMs: values.retestTimeoutS * 1000,
    graceMs: values.stagingGraceS * 1000,
    infraRetries: values.infraRetries,
    backoff: { baseMs: values.backoffS * 1000, maxMs: values.backoffMaxS * 1000 },
    minIsolation: BUILT_IN_DEFAULTS.minIsolation,
  };
}
