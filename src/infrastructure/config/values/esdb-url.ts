import { hostsOf } from '../../event-stores/eventstoredb/server/address';

/** User and password go together; what is special in them is written as `%40`. */
const USER = '(?:(?<user>[^:@/?,]+):(?<password>[^:@/?,]+)@)?';
const HOST = '[A-Za-z0-9._-]+(?::[0-9]{1,5})?';
const URL_OF_A_SERVER = new RegExp(`^esdb(?:\\+discover)?://${USER}${HOST}(?:,${HOST})*/?(?:\\?(?<options>.*))?$`);
const FORM = 'write it as esdb://USER:PASSWORD@HOST:2113?tls=true, with %40 for @ and the like in the password';

type Check = (value: string) => boolean;

const isNumber: Check = (value) => /^[1-9][0-9]{0,5}$/.test(value);
/** What may be set; the client would pass over anything else with a warning that shows the password. */
const OPTIONS: Readonly<Record<string, Check>> = {
  tls: (value) => value === 'true' || value === 'false',
  tlsCAFile: (value) => value !== '',
  nodePreference: (value) => value === 'leader',
  discoveryInterval: isNumber,
  gossipTimeout: isNumber,
  maxDiscoverAttempts: isNumber,
};
/** What people take over from the URL of another program. */
const OPTIONS_OF_THE_CLIENT: readonly string[] = [
  'connectionName',
  'defaultDeadline',
  'keepAliveInterval',
  'keepAliveTimeout',
  'throwOnAppendFailure',
  'tlsVerifyCert',
  'userCertFile',
  'userKeyFile',
];

/**
 * Looks for what the client of EventStoreDB would misunderstand, ignore or print.
 *
 * @returns what to do about it; null when there is nothing.
 */
export function faultOfEsdbUrl(text: string): string | null {
  if (!text.startsWith('esdb')) return 'the scheme is esdb:// or esdb+discover://, for servers of either name';
  const { user, password, options = '' } = URL_OF_A_SERVER.exec(text)?.groups ?? { options: '?' };
  if (options.includes('?') || !isDecodable(user) || !isDecodable(password)) return FORM;
  if (hostsOf(text).some(({ port }) => port < 1 || port > 65_535)) return 'a port is a number from 1 to 65535';
  const pairs = options === '' ? [] : options.split('&').map((pair) => pair.split('='));
  const bad = pairs.find(([name = '', value = '', ...more]) => more.length > 0 || !isAllowed(name, value));
  if (bad) return faultOfOption(bad[0]);
  const isSecure = !pairs.some(([name, value]) => name === 'tls' && value === 'false');
  if (isSecure && user === undefined) return 'add USER:PASSWORD@, or tls=false for a server in insecure mode';
  return null;
}

/** A name that nobody knows may be a part of a password. */
function faultOfOption(name = ''): string {
  if (Object.hasOwn(OPTIONS, name)) return `option ${name} does not take that value; see docs/eventstoredb.md`;
  const which = OPTIONS_OF_THE_CLIENT.includes(name) ? `option ${name}` : 'an option';
  return `${which}: only ${Object.keys(OPTIONS).join(', ')} can be set; see docs/eventstoredb.md`;
}

function isAllowed(name: string, value: string): boolean {
  return Object.hasOwn(OPTIONS, name) && (OPTIONS[name]?.(value) ?? false) && isDecodable(value);
}

function isDecodable(text: string | undefined): boolean {
  try {
    decodeURIComponent(text ?? '');
    return true;
  } catch {
    return false; // A lone % sign.
  }
}
