import { resolve } from 'node:path';
import { mayHoldSecret } from '../application/secrets';
import { A_URL } from '../infrastructure/config/config-error';
import { UserError } from './user-error';

/** @returns an absolute path. @throws UserError for a URL, which nothing that is said afterwards may repeat. */
export function localPath(flag: string, text: string): string {
  if (mayHoldSecret(text))
    throw new UserError(`${flag}: expected a path on this machine, saw ${A_URL}; clone it first`);
  return resolve(text);
}
