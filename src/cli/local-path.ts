import { resolve } from 'node:path';
import { A_URL, mayHoldSecret } from '../application/secrets';
import { UserError } from './user-error';

/** @returns an absolute path. @throws UserError for a URL, which nothing that is said afterwards may repeat. */
export function localPath(flag: string, text: string): string {
  if (mayHoldSecret(text))
    throw new UserError(
      `${flag}: expected a path on this machine, saw ${A_URL}; clone it first, or begin a path that has a colon or an @ with ./`,
    );
  return resolve(text);
}
