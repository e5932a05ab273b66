import { parseServerUrl } from './server-url';

/** Where a server is, as messages show it: never with a password, nor with parameters that may hold one. */
export function addressOf(url: string): string {
  const { user, host, port, database } = parseServerUrl(url);
  const login = user === undefined ? '' : `${user}@`;
  const where = host.includes(':') ? `[${host}]` : host;
  return `postgres://${login}${where}${port === null ? '' : `:${port}`}/${database}`;
}
