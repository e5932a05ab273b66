import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Written {
  readonly url: string;
  readonly token: string;
}

/** What the services that run on a state folder, or ran there and were killed, have written down for their operator. */
export function operatorFiles(stateDir: string): readonly Written[] {
  const folder = join(stateDir, 'operator');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Written);
}

/** Headers with which the service at that address takes orders in JSON. */
export function orderHeaders(stateDir: string, url: string): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', authorization: `Bearer ${operatorToken(stateDir, url)}` };
}

/** The secret that its operator has. */
export function operatorToken(stateDir: string, url: string): string {
  const { origin } = new URL(url);
  const own = operatorFiles(stateDir).find((file) => file.url === origin);
  if (!own) throw new Error(`no service at ${origin} has written an operator's file below ${stateDir}`);
  return own.token;
}
