import { parse } from 'yaml';

export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly hostname?: string;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
  readonly network_mode?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly ipam?: { readonly config: readonly { subnet: string }[] } }>>;
}

/** A compose file as `docker compose` sees it: variables put in, `$$` made `$`, anchors merged. */
export function readCompose(text: string, variables: Readonly<Record<string, string>> = {}): Compose {
  return filled(parse(text, { merge: true }), variables) as Compose;
}

/** Names of the variables that a compose file takes, each with its default. */
export function variablesOf(text: string): ReadonlyMap<string, string> {
  const taken = [...text.replaceAll('$$', '').matchAll(/\$\{(\w+):-([^}]*)\}/g)];
  return new Map(taken.map(([, name = '', fallback = '']) => [name, fallback]));
}

function filled(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return interpolated(value, variables);
  if (Array.isArray(value)) return value.map((item) => filled(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, variables)]));
}

function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\{(\w+):-([^}]*)\}|\$/g, (found, name?: string, fallback = '') => {
    if (found === '$$') return '$';
    if (name === undefined) throw new Error(`expected \${NAME:-default} or $$, saw a lone $ in ${text}`);
    // An empty one counts as unset, as `:-` says.
    return variables[name] === undefined || variables[name] === '' ? String(fallback) : variables[name];
  });
}

/** Networks a service is in, each with its fixed address. */
export function networksOf({ networks, network_mode: mode }: Service): ReadonlyMap<string, string | undefined> {
  if (mode !== undefined) return new Map();
  if (networks === undefined) return new Map([['default', undefined]]);
  if (Array.isArray(networks)) return new Map((networks as readonly string[]).map((name) => [name, undefined]));
  return new Map(Object.entries(networks).map(([name, at]) => [name, (at as { ipv4_address?: string }).ipv4_address]));
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

export function mountsOf({ volumes = [] }: Service): readonly Mount[] {
  return volumes.map((volume) => {
    const [source = '', target = '', mode] = volume.split(':');
    return { source, target, isReadOnly: mode === 'ro' };
  });
}

/** What a path in a container is on, if it is on a mount. */
export function mountOf(service: Service, path: string): Mount | undefined {
  return mountsOf(service).find(({ target }) => path === target || path.startsWith(`${target}/`));
}
