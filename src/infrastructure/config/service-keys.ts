import { SWITCH_NAMES, SWITCHES, type SwitchName } from '../../domain/policy/switches';
import type { JobKind } from '../../domain/task/job-row';
import { JOB_KINDS, JOBS } from '../../domain/task/job-table';
import { RATES } from '../http/rate/rates';
import { LOG_LEVELS } from '../system/log-levels';
import {
  accessToken,
  address,
  addressRanges,
  choice,
  flag,
  hostNames,
  integer,
  path,
  readModelUrl,
  scope,
  seconds,
  serviceUrl,
  storeUrl,
  variableNames,
  type Scope,
  type ValueType,
} from './values/value-types';

export interface ServiceKey<T> {
  readonly name: `STAGEGATE_${string}`;
  readonly type: ValueType<T>;
  /** Text, parsed like any other. */
  readonly fallback: string;
  readonly description: string;
}

type SlotKey = `slots:${JobKind}`;

/** Every variable the service reads. Parser, `.env.example` and docs/configuration.md are made from this table. */
export const SERVICE_KEYS = {
  stateDir: key(
    'STAGEGATE_STATE_DIR',
    path,
    '.stagegate',
    'Folder for clones, logs, artifacts and the embedded stores.',
  ),
  eventStore: key(
    'STAGEGATE_EVENT_STORE_URL',
    storeUrl,
    'file:events.db',
    'Event store. A relative path counts from the state directory; `postgres://` and `esdb://` are shared by any number of replicas; `memory:` forgets everything at the end.',
  ),
  readModel: key(
    'STAGEGATE_READ_MODEL_URL',
    readModelUrl,
    'file:read-model.db',
    'Read model; made again from the event store whenever it is missing. `postgres://` is shared by any number of replicas.',
  ),
  host: key(
    'STAGEGATE_HOST',
    address,
    '127.0.0.1',
    'Address to listen on; `0.0.0.0` or `::` for all of them. Beyond loopback, reading needs a token too, and there has to be one: docs/security.md.',
  ),
  hostNames: key(
    'STAGEGATE_HOST_NAMES',
    hostNames,
    'none',
    'Names by which clients and proxies ask for the service in `Host`, separated by commas; its addresses need not be named.',
  ),
  trustedProxies: key(
    'STAGEGATE_TRUSTED_PROXIES',
    addressRanges,
    'none',
    'Addresses and ranges of proxies, separated by commas, whose `X-Forwarded-For` is believed. With any, reading needs a token on loopback too.',
  ),
  tokenRate: key(
    'STAGEGATE_RATE_PER_TOKEN',
    integer(0, 1_000_000),
    String(RATES.perToken),
    'Requests a minute of one token, to one process; 0: no limit.',
  ),
  addressRate: key(
    'STAGEGATE_RATE_PER_ADDRESS',
    integer(0, 1_000_000),
    String(RATES.perAddress),
    'Requests a minute of one address that brings no valid token, to one process; 0: no limit. This machine is not counted.',
  ),
  port: key('STAGEGATE_PORT', integer(0, 65_535), '7420', 'Port to listen on; 0 takes a free one.'),
  projectsFile: key('STAGEGATE_PROJECTS', path, 'stagegate.yml', 'The project file.'),
  service: key(
    'STAGEGATE_SERVICE',
    serviceUrl,
    'local',
    'Service that commands ask instead of the one on the state directory: `http://HOST:PORT`, with the token of `STAGEGATE_TOKEN`.',
  ),
  token: key('STAGEGATE_TOKEN', accessToken, 'none', 'Token with which commands ask `STAGEGATE_SERVICE`.'),
  logLevel: key('STAGEGATE_LOG_LEVEL', choice(LOG_LEVELS), 'info', 'What goes to stderr, as JSON lines.'),

  ...switchKeys(),

  stagingTimeoutS: key(
    'STAGEGATE_STAGING_RUNNER_TIMEOUT_S',
    seconds(),
    '900',
    "A suite's time limit, where the project file has no `staging.timeout`.",
  ),
  stagingGraceS: key(
    'STAGEGATE_STAGING_RUNNER_GRACE_S',
    seconds(),
    '10',
    'Time between asking a run to end and killing it, where the project file has no `grace`.',
  ),
  infraRetries: key(
    'STAGEGATE_STAGING_RUNNER_INFRA_RETRIES',
    integer(0, 100),
    '3',
    'Retries after infrastructure failures, for each job, where the project file has no `budgets.infra`.',
  ),
  backoffS: key(
    'STAGEGATE_STAGING_RUNNER_BACKOFF_S',
    seconds(),
    '30',
    'Pause before the first retry, doubled each time, where the project file has no `backoff.base`.',
  ),
  backoffMaxS: key(
    'STAGEGATE_STAGING_RUNNER_BACKOFF_MAX_S',
    seconds(),
    '600',
    'Longest pause between retries, where the project file has no `backoff.max`.',
  ),

  retestTimeoutS: key(
    'STAGEGATE_MERGE_RETEST_TIMEOUT_S',
    seconds(),
    '900',
    "The re-test's time limit, where the project file has neither `retest.timeout` nor `staging.timeout`.",
  ),

  setupCacheEnabled: key(
    'STAGEGATE_SETUP_CACHE_ENABLED',
    flag,
    'true',
    'Keep what set-ups make, where a project names folders in `cache`. Off: every set-up runs, and nothing is kept.',
  ),
  reaperMaxRunningS: key(
    'STAGEGATE_REAPER_MAX_RUNNING_S',
    seconds(),
    '14400',
    'Upper bound of any job. A project whose longest job could take more stops the start.',
  ),
  outsideMaxS: key(
    'STAGEGATE_OUTSIDE_MAX_S',
    seconds(),
    '86400',
    'Upper bound of a claim that an outside worker extends by heartbeats; `STAGEGATE_REAPER_MAX_RUNNING_S` does not apply to it.',
  ),
  agentEnvironment: key(
    'STAGEGATE_AGENT_ENV',
    variableNames,
    'HOME,LANG,LC_ALL,LOGNAME,PATH,SHELL,TMPDIR,TZ,USER',
    "Variables of the service's environment that agents get; an agent's API key is named here.",
  ),

  ...slotKeys(),
} as const;

/** For tests of the service; nobody checks them. No switch may begin with it: `STAGEGATE_TEST_RUNNER_…` would. */
export const EXEMPT_PREFIX = 'STAGEGATE_SELFTEST_';
function key<T>(name: ServiceKey<T>['name'], type: ValueType<T>, fallback: string, description: string): ServiceKey<T> {
  return { name, type, fallback, description };
}

type SwitchKeys = Readonly<Record<`${SwitchName}Enabled`, ServiceKey<boolean>>> &
  Readonly<Record<`${SwitchName}Projects`, ServiceKey<Scope>>>;

/** Two for each switch: whether it is on, and for which projects. */
function switchKeys(): SwitchKeys {
  const keys = SWITCH_NAMES.flatMap((name) => {
    const { variable, description } = SWITCHES[name];
    const projects = 'Projects this switch turns on; `*` is all.';
    return [
      [`${name}Enabled`, key(`STAGEGATE_${variable}_ENABLED`, flag, 'true', description)],
      [`${name}Projects`, key(`STAGEGATE_${variable}_PROJECTS`, scope, '*', projects)],
    ] as const;
  });
  const made: unknown = Object.fromEntries(keys);
  return made as SwitchKeys;
}

/** One for each kind of job: how many run at once. */
function slotKeys(): Readonly<Record<SlotKey, ServiceKey<number>>> {
  const keys = JOB_KINDS.map((kind) => {
    const { fallback, description } = JOBS[kind].slots;
    const name = `STAGEGATE_SLOTS_${kind.toUpperCase().replaceAll('-', '_')}` as const;
    return [slotKey(kind), key(name, integer(1, 1000), String(fallback), description)] as const;
  });
  return Object.fromEntries(keys) as Record<SlotKey, ServiceKey<number>>;
}

/** The member of `SERVICE_KEYS` for the slots of a kind of job. */
export function slotKey(kind: JobKind): SlotKey {
  return `slots:${kind}`;
}
