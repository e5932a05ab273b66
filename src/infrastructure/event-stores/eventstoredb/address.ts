/** Where a server is, as messages show it: never with a password, nor with options that may hold one. */
export function addressOf(url: string): string {
  const [, scheme = 'esdb', user, hosts = ''] =
    /^(esdb(?:\+discover)?):\/\/(?:([^:@/]+):[^@/]*@)?([^/?]*)/.exec(url) ?? [];
  return `${scheme}://${user === undefined ? '' : `${user}@`}${hosts}`;
}
