import { pages, textOf } from '../docs/pages';
import { readCompose, variablesOf } from './compose-file';
import { readDockerfile } from './dockerfile';
import { generalFaults } from './general-faults';
import { nodeFaults } from './node-faults';
import { ownServices, serviceFaults } from './service-faults';

const FILE = textOf('docker-compose.yml');
const IMAGE = readDockerfile(textOf('Dockerfile'));
const PASSWORDS = { POSTGRES_PASSWORD: 'p1', EVENTSTORE_PASSWORD: 'p2', EVENTSTORE_ADMIN_PASSWORD: 'p3' };

function faults(text: string): readonly string[] {
  const compose = readCompose(text, PASSWORDS);
  return [...generalFaults(compose), ...serviceFaults(compose, IMAGE), ...nodeFaults(compose)];
}

it('every service, port, key, path, variable and health check is that of the program', () => {
  expect(faults(FILE)).toEqual([]);
});

it('there is one of each without a profile, and two replicas on three nodes with it', () => {
  const compose = readCompose(FILE, PASSWORDS);
  const named = (isInProfile: boolean) =>
    Object.entries(compose.services).flatMap(([name, { profiles }]) =>
      (profiles?.join() === 'cluster') === isInProfile ? [name] : [],
    );
  expect(named(false)).toEqual(['stagegate', 'eventstore', 'postgres']);
  expect(named(true)).toEqual(['stagegate-1', 'stagegate-2', 'certificates', 'esdb-1', 'esdb-2', 'esdb-3']);
  expect(ownServices(compose).map(([name]) => name)).toEqual(['stagegate', 'stagegate-1', 'stagegate-2']);
});

it('a password that is missing stops a replica with one line, and keeps nobody from starting the first look', () => {
  const compose = readCompose(FILE);
  expect(serviceFaults(compose, IMAGE)).toEqual([
    expect.stringMatching(/^stagegate-1: STAGEGATE_EVENT_STORE_URL: expected /),
    expect.stringMatching(/^stagegate-2: STAGEGATE_EVENT_STORE_URL: expected /),
  ]);
});

it('no variable of the file is one that the program would refuse in its own environment', () => {
  const names = [...variablesOf(FILE).keys()];
  expect(names.sort()).toEqual([
    'EVENTSTORE_ADMIN_PASSWORD',
    'EVENTSTORE_IMAGE',
    'EVENTSTORE_PASSWORD',
    'POSTGRES_PASSWORD',
  ]);
  const documented = [...textOf('docs/containers.md').matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]+)`|none)/gm)];
  expect(new Map(documented.map(([, name = '', fallback = '']) => [name, fallback]))).toEqual(variablesOf(FILE));
});

it('every service and profile that a page tells docker compose about is there', () => {
  const { services } = readCompose(FILE, PASSWORDS);
  const calls = pages().flatMap((page) => [
    ...textOf(page).matchAll(/^docker compose (?:--profile (\S+) )?(exec|cp|stop|up|run)((?: --\S+)*)((?: [\w-]+)*)/gm),
  ]);
  expect(calls.length).toBeGreaterThan(5);
  for (const [call, profile, verb, , rest = ''] of calls) {
    const words = rest.trim().split(' ').filter(Boolean);
    const named = verb === 'exec' || verb === 'cp' || verb === 'run' ? words.slice(0, 1) : words;
    const seen = named.map((name) => ({ call, name, profile: services[name]?.profiles?.join() ?? 'none' }));
    expect(seen).toEqual(named.map((name) => ({ call, name, profile: profile ?? 'none' })));
    expect(named.filter((name) => !Object.hasOwn(services, name))).toEqual([]);
  }
});

/** What may be mistyped, and what has to be said about it. */
const BREAKS: readonly (readonly [find: string, replace: string, said: RegExp])[] = [
  ['kurrentplatform/kurrentdb:26.1.2', 'kurrentplatform/kurrentdb:latest', /image with its version/],
  ['image: postgres:17.6-bookworm', 'image: postgres', /image with its version/],
  ['image: stagegate:0.1.0', 'image: stagegate:0.0.9', /expected image stagegate/],
  ['hostname: stagegate-2', 'hostname: stagegate-1', /its own name as hostname/],
  ['STAGEGATE_READ_MODEL_URL: postgres', 'STAGEGATE_READMODEL_URL: postgres', /unknown variable/],
  ['esdb://eventstore:2113?tls=false', 'kurrentdb://eventstore:2113?tls=false', /the scheme is esdb/],
  ['esdb://eventstore:2113?tls=false', 'esdb://eventstore:1113?tls=false', /listens on 2113/],
  ['esdb://eventstore:2113?tls=false', 'esdb://admin:changeit@eventstore:2113', /disagree about TLS/],
  ['esdb://eventstore:2113?tls=false', 'esdb://eventstor:2113?tls=false', /eventstor is no service/],
  ['esdb://eventstore:2113?tls=false', 'esdb://eventstore:2113?tls=false&throwOnAppendFailure=false', /can be set/],
  ['tlsCAFile=/authority/ca.crt', 'tlsCAFile=/authority/root.crt', /nobody writes/],
  ['@postgres:5432/stagegate\n    volumes', '@postgres:5433/stagegate\n    volumes', /listens on 5432/],
  ['POSTGRES_DB: stagegate', 'POSTGRES_DB: gate', /POSTGRES_DB of postgres is not stagegate/],
  ['--dbname stagegate', '--dbname postgres', /not asked about that database/],
  ['state-1:/var/lib/stagegate', 'state-1:/var/lib/gate', /is not kept/],
  ['state-2:/var/lib/stagegate', 'state-1:/var/lib/stagegate', /is that of stagegate-1/],
  [
    'stagegate.yml:/etc/stagegate/stagegate.yml:ro\n      - ./repositories:/srv/git\n      - authority',
    'stagegate.yml:/etc/stagegate.yml:ro\n      - ./repositories:/srv/git\n      - authority',
    /is not mounted/,
  ],
  ['stop_grace_period: 75s', 'stop_grace_period: 30s', /is killed 30000 ms/],
  ['http://localhost:2113/health/live', 'http://localhost:2113/health/ready', /is not asked http:/],
  ['https://localhost:2113/health/live', 'http://localhost:2113/health/live', /is not asked https:/],
  ["KURRENTDB_INSECURE: 'true'", "KURRENTDB_UNSECURE: 'true'", /is no setting of the server/],
  ["KURRENTDB_CLUSTER_SIZE: '3'", "KURRENTDB_CLUSTER_SIZE: '5'", /expected CLUSTER_SIZE 3/],
  ["KURRENTDB_CLUSTER_SIZE: '1'", "KURRENTDB_CLUSTER_SIZE: '3'", /is alone/],
  ['ipv4_address: 172.30.240.12', 'ipv4_address: 172.30.241.12', /is not in 172.30.240.0/],
  ['KURRENTDB_REPLICATION_IP: 172.30.240.13', 'KURRENTDB_REPLICATION_IP: 172.30.240.12', /expected REPLICATION_IP/],
  [
    'KURRENTDB_GOSSIP_SEED: 172.30.240.11:2113,172.30.240.13',
    'KURRENTDB_GOSSIP_SEED: 172.30.240.12:2113,172.30.240.13',
    /expected GOSSIP_SEED/,
  ],
  ['ADVERTISE_HOST_TO_CLIENT_AS: esdb-2', 'ADVERTISE_HOST_TO_CLIENT_AS: 127.0.0.1', /expected ADVERTISE_HOST/],
  ['node esdb-2 127.0.0.1,172.30.240.12', 'node esdb-2 127.0.0.1,172.30.240.13', /no certificate is made/],
  ['certificate-3:/certificate:ro', 'certificate-2:/certificate:ro', /is not what was made for it/],
  ['/certificate/node.key', '/certificate/key.pem', /expected node.crt and node.key/],
  [
    '- authority:/authority:ro\n      - certificate-1',
    '- authority-key:/authority:ro\n      - certificate-1',
    /authority's key is seen/,
  ],
  ["restart: 'no'", 'restart: on-failure', /can never be service_completed_successfully/],
  ['eventstore: { condition: service_healthy }', 'esdb-1: { condition: service_healthy }', /in a profile/],
  ['networks: [default, cluster]', 'networks: [default]', /no network in common with postgres/],
  ['  esdb-3:\n\n', '\n', /is not declared/],
  ['  state:\n', '  state:\n  stale:\n', /volume stale is not used/],
  ['    shm_size: 128m', "    ports: ['5432:5432']", /expected no published port/],
  ['RUN_PROJECTIONS: None\n      KURRENTDB_MAX', 'RUN_PROJECTIONS: All\n      KURRENTDB_MAX', /runs projections/],
  ["SIZE: '4194304'\n    volumes", "SIZE: '1048576'\n    volumes", /takes less than an import has/],
];

it.each(BREAKS)('is noticed: %j becomes %j', (find, replace, said) => {
  const broken = `${FILE}\n`.replace(find, replace);
  expect(broken).not.toBe(`${FILE}\n`);
  expect(faults(broken).join('\n')).toMatch(said);
});
