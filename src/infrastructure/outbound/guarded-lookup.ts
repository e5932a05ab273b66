import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { reachOf } from './addresses';

/** How names become addresses; another one in tests. */
export type Resolve = (
  name: string,
  options: { readonly all: true },
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** @returns what is wrong with an address, or null where it may be connected to. */
export type Objection = (address: string) => Error | null;

/**
 * The look-up of one connection: every address of the name is asked for, and the socket gets those very addresses, so no second
 * look-up can give another one.
 */
export function guardedLookup(object: Objection, resolve: Resolve = systemLookup): LookupFunction {
  return (name, options, done) => {
    resolve(name, { all: true }, (error, addresses) => {
      const [first] = error ? [] : addresses;
      const [objection] = error ? [] : addresses.flatMap(({ address }) => object(address) ?? []);
      if (!first) done(error ?? new Error('no address'), '');
      else if (objection) done(objection, '');
      else if (options.all) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}

/** An address in a URL is not looked up, so nothing else would ask. */
export function objectionToHost(url: URL, object: Objection): Error | null {
  const host = hostOf(url);
  return isIP(host) === 0 ? null : object(host);
}

export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/**
 * Whom an operator's URL may lead to: servers that everybody reaches, and others only where they are named. What answers with a
 * machine's own credentials, or is no place of a server at all, has to be named by its address.
 *
 * @param allowed names and addresses, as the operator has written them.
 */
export function publicOr(allowed: readonly string[], url: URL): Objection {
  const isNamed = allowed.includes(hostOf(url));
  return (address) => {
    const reach = reachOf(address);
    if (reach === 'public' || allowed.includes(address)) return null;
    if (isNamed && reach !== 'nobody') return null;
    const advice = 'if it is yours, name it under allow';
    return new Error(`${url.host}: expected a public address, saw ${address} (${reach}); ${advice}`);
  };
}
