import { RECOMMENDED_APPEND_SIZE } from '../../src/infrastructure/event-stores/eventstoredb/server/append-size';
import { mountOf, mountsOf, networksOf, type Compose, type Service } from './compose-file';

/** Settings of the server that its documentation names; a misspelt one would be passed over. */
const SETTINGS = [
  'ADVERTISE_HOST_TO_CLIENT_AS',
  'ADVERTISE_NODE_PORT_TO_CLIENT_AS',
  'CERTIFICATE_FILE',
  'CERTIFICATE_PRIVATE_KEY_FILE',
  'CLUSTER_SIZE',
  'DEFAULT_ADMIN_PASSWORD',
  'DEFAULT_OPS_PASSWORD',
  'DISCOVER_VIA_DNS',
  'ENABLE_ATOM_PUB_OVER_HTTP',
  'GOSSIP_SEED',
  'INSECURE',
  'MAX_APPEND_SIZE',
  'NODE_PORT',
  'REPLICATION_IP',
  'RUN_PROJECTIONS',
  'TRUSTED_ROOT_CERTIFICATES_PATH',
].map((name) => `KURRENTDB_${name}`);

const DATA = '/var/lib/kurrentdb';

type Named = readonly [name: string, service: Service];

/** Where the servers of a compose file do not fit together. */
export function nodeFaults(compose: Compose): readonly string[] {
  const nodes = Object.entries(compose.services).filter(([, { environment = {} }]) =>
    Object.keys(environment).some((key) => key.startsWith('KURRENTDB_')),
  );
  const cluster = nodes.filter(([, node]) => setting(node, 'INSECURE') !== 'true');
  return nodes.flatMap((named) => {
    const [name, node] = named;
    const isInsecure = setting(node, 'INSECURE') === 'true';
    const faults = [...alone(named), ...(isInsecure ? [] : among(named, cluster, compose))];
    return faults.map((fault) => `${name}: ${fault}`);
  });
}

function setting({ environment = {} }: Service, name: string): string | undefined {
  return environment[`KURRENTDB_${name}`];
}

function alone([, node]: Named): readonly string[] {
  const unknown = Object.keys(node.environment ?? {}).filter((key) => !SETTINGS.includes(key));
  const scheme = setting(node, 'INSECURE') === 'true' ? 'http' : 'https';
  const live = `${scheme}://localhost:${setting(node, 'NODE_PORT')}/health/live `;
  return [
    ...unknown.map((key) => `${key} is no setting of the server`),
    ...(node.healthcheck?.test.join(' ').includes(live) ? [] : [`is not asked ${live}`]),
    ...(mountOf(node, DATA)?.isReadOnly === false ? [] : [`${DATA} is not kept`]),
    ...(scheme === 'https' || setting(node, 'CLUSTER_SIZE') === '1' ? [] : ['is alone and waits for others']),
    ...(setting(node, 'MAX_APPEND_SIZE') === String(RECOMMENDED_APPEND_SIZE) ? [] : ['takes less than an import has']),
    ...(setting(node, 'RUN_PROJECTIONS') === 'None' ? [] : ['runs projections, which nobody uses']),
  ];
}

function among([name, node]: Named, cluster: readonly Named[], compose: Compose): readonly string[] {
  const addressOf = (service: Service) => [...networksOf(service).values()][0];
  const address = addressOf(node);
  const port = setting(node, 'NODE_PORT');
  const others = cluster.filter(([other]) => other !== name).map(([, other]) => `${addressOf(other)}:${port}`);
  const faults: string[] = [];
  const expect = (key: string, value: string | undefined) => {
    if (setting(node, key) !== value) faults.push(`expected ${key} ${value}, saw ${setting(node, key)}`);
  };
  expect('CLUSTER_SIZE', String(cluster.length));
  expect('REPLICATION_IP', address);
  expect('ADVERTISE_HOST_TO_CLIENT_AS', name);
  expect('ADVERTISE_NODE_PORT_TO_CLIENT_AS', port);
  expect('GOSSIP_SEED', others.join(','));
  if (cluster.filter(([, other]) => addressOf(other) === address).length > 1) faults.push(`${address} is taken twice`);
  return [...faults, ...certificateFaults(name, node, address ?? '', compose)];
}

/** The certificate that is made for a node has to bear its names and to be where the node looks for it. */
function certificateFaults(name: string, node: Service, address: string, { services }: Compose): readonly string[] {
  const faults: string[] = [];
  const [maker] = Object.entries(services).filter(([other]) =>
    node.depends_on?.[other]?.condition.includes('completed'),
  );
  if (!maker) return ['nobody makes its certificate'];
  const script = maker[1].command?.join('\n') ?? '';
  const made = script.split('\n').map((line) => line.trim());
  if (!made.includes(`node ${name} 127.0.0.1,${address}`)) faults.push('no certificate is made for its address');
  if (!script.includes('-ip-addresses "$2" -dns-names "$1,localhost"')) faults.push('its certificate has no names');
  const writes = (path: string) => mountsOf(maker[1]).find(({ target }) => target === path)?.source;
  const file = setting(node, 'CERTIFICATE_FILE') ?? '';
  const key = setting(node, 'CERTIFICATE_PRIVATE_KEY_FILE') ?? '';
  const authority = setting(node, 'TRUSTED_ROOT_CERTIFICATES_PATH') ?? '';
  for (const path of [file, key])
    if (mountOf(node, path)?.source !== writes(`/${name}`)) faults.push(`${path} is not what was made for it`);
  if (!/\/node\.crt$/.test(file) || !/\/node\.key$/.test(key)) faults.push('expected node.crt and node.key');
  if (mountOf(node, authority)?.source !== writes('/authority')) faults.push(`${authority} is not the authority`);
  const secret = writes('/authority-key');
  const seers = Object.entries(services).filter(([, service]) =>
    mountsOf(service).some(({ source }) => source === secret),
  );
  if (seers.some(([other]) => other !== maker[0])) faults.push("the authority's key is seen by others");
  return faults;
}
