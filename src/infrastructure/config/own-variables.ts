/**
 * Variables by which the service itself comes to its stores. What it runs is other people's code and gets none of them; a
 * suite that needs a database of its own gets the password under another name. As JSON Schema takes it too.
 */
export const OF_THE_SERVICE = 'STAGEGATE_|PG(?:PASSWORD|PASSFILE|SERVICE|SERVICEFILE|SSLKEY|SSLPASSWORD)$';

const PATTERN = new RegExp(`^(?:${OF_THE_SERVICE})`);

export function isOfTheService(name: string): boolean {
  return PATTERN.test(name);
}
