import { mountsOf, networksOf, type Compose, type Service } from './compose-file';

/** What is wrong with a compose file, whoever its services belong to. */
export function generalFaults({ services, volumes, networks }: Compose): readonly string[] {
  const all = Object.entries(services);
  const used = all.flatMap(([, service]) => mountsOf(service).map(({ source }) => source)).filter(isNamed);
  return [
    ...all.flatMap(([name, service]) => [
      ...unpinned(name, service),
      ...unmet(name, service, services),
      ...unreachable(name, service, networks),
    ]),
    ...used.filter((volume) => !Object.hasOwn(volumes, volume)).map((volume) => `volume ${volume} is not declared`),
    ...Object.keys(volumes)
      .filter((volume) => !used.includes(volume))
      .map((volume) => `volume ${volume} is not used`),
    ...writtenTwice(all),
  ];
}

function isNamed(source: string): boolean {
  return !/^[./]/.test(source);
}

function unpinned(name: string, { image = '', ports = [] }: Service): readonly string[] {
  const tag = /:([^:/]+)$/.exec(image)?.[1] ?? 'latest';
  const isPinned = /^\d+\.\d+/.test(tag);
  return [
    ...(isPinned ? [] : [`${name}: expected an image with its version, saw ${image}`]),
    // The service has no access tokens, and the stores are nobody else's business.
    ...ports.map((port) => `${name}: expected no published port, saw ${port}`),
  ];
}

/** What others wait for has to come about, and only what is there without a profile, or in the same one, can. */
function unmet(name: string, service: Service, services: Compose['services']): readonly string[] {
  return Object.entries(service.depends_on ?? {}).flatMap(([other, { condition }]) => {
    const target = services[other];
    if (!target) return [`${name}: depends on ${other}, which is no service`];
    const isThere = (target.profiles ?? []).every((profile) => service.profiles?.includes(profile));
    const canBeMet =
      condition === 'service_healthy'
        ? target.healthcheck !== undefined
        : condition === 'service_completed_successfully' && target.restart === 'no';
    return [
      ...(isThere ? [] : [`${name}: ${other} is in a profile that ${name} is not in`]),
      ...(canBeMet ? [] : [`${name}: ${other} can never be ${condition}`]),
    ];
  });
}

function unreachable(name: string, service: Service, networks: Compose['networks']): readonly string[] {
  return [...networksOf(service)].flatMap(([network, address]) => {
    if (network === 'default') return [];
    if (!Object.hasOwn(networks, network)) return [`${name}: network ${network} is not declared`];
    const subnet = networks[network]?.ipam?.config[0]?.subnet ?? '';
    const isInside = address === undefined || address.startsWith(subnet.replace(/\.0\/24$/, '.'));
    return isInside ? [] : [`${name}: ${address} is not in ${subnet}`];
  });
}

/** State is one service's own: two that write to one volume are a mistake in copying. */
function writtenTwice(all: readonly (readonly [string, Service])[]): readonly string[] {
  const running = all.filter(([, { restart }]) => restart !== 'no');
  const writers = running.flatMap(([name, service]) =>
    mountsOf(service).flatMap(({ source, isReadOnly }) => (isNamed(source) && !isReadOnly ? [{ source, name }] : [])),
  );
  return writers.flatMap(({ source, name }, index) => {
    const first = writers.findIndex((writer) => writer.source === source);
    return first === index ? [] : [`${name}: volume ${source} is that of ${writers[first]?.name}`];
  });
}
