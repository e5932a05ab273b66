import { familyOf, reachOf } from '../outbound/addresses';

/** Where a service listens, and who stands before it. */
export interface Binding {
  /** An address of this machine, or that of all of them. */
  readonly host: string;
  /** That are believed whom they pass on. */
  readonly proxies: readonly string[];
}

const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export function isLoopbackHost(host: string): boolean {
  return reachOf(host) === 'loopback';
}

/** Whether nobody but this machine comes in, so that reading needs no token. A proxy brings in whoever reaches it. */
export function isOpenDoor({ host, proxies }: Binding): boolean {
  return isLoopbackHost(host) && proxies.length === 0;
}

/** The host of a URL by which this machine reaches it. */
export function urlHost(host: string): string {
  const reached = EVERY[host] ?? host;
  return familyOf(reached) === 6 ? `[${reached}]` : reached;
}
