/** Where a server is, as messages show it: never with a password, nor with options that may hold one. */
export function addressOf(url: string): string {
  const [, scheme = 'esdb', user, hosts = ''] =
    /^(esdb(?:\+discover)?):\/\/(?:([^:@/]+):[^@/]*@)?([^/?]*)/.exec(url) ?? [];
  return `${scheme}://${user === undefined ? '' : `${user}@`}${hosts}`;
}

export interface Host {
  readonly name: string;
  readonly port: number;
}

const DEFAULT_PORT = 2113;

/** The hosts of a URL that was checked when it was configured. */
export function hostsOf(url: string): readonly Host[] {
  const [, hosts = ''] = /^esdb(?:\+discover)?:\/\/(?:[^@/?]*@)?([^/?]*)/.exec(url) ?? [];
  return hosts.split(',').map((host) => {
    const [name = '', port] = host.split(':');
    return { name, port: port === undefined ? DEFAULT_PORT : Number(port) };
  });
}

/** @returns undefined when the URL does not set it. */
export function optionOf(url: string, name: string): string | undefined {
  const options = /\?(.*)$/.exec(url)?.[1]?.split('&') ?? [];
  const found = options.find((option) => option.startsWith(`${name}=`));
  return found === undefined ? undefined : decodeURIComponent(found.slice(name.length + 1));
}
