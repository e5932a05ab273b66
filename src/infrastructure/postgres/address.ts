/** Where a server is, as messages show it: never with a password, nor with parameters that may hold one. */
export function addressOf(url: string): string {
  const { username, hostname, port, pathname, searchParams } = new URL(url);
  const user = username === '' ? '' : `${username}@`;
  // A folder with the server's socket is given as a parameter.
  const host = searchParams.get('host') ?? hostname;
  return `postgres://${user}${host}${port === '' ? '' : `:${port}`}${pathname}`;
}
