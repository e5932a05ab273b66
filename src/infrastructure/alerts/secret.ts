import { readFile } from 'node:fs/promises';
import type { Environment } from '../config/environment';
import type { SecretSource } from './alert-settings';

/** @throws where there is none; the message does not repeat what it may be. */
export async function secretOf(source: SecretSource, environment: Environment): Promise<string> {
  if ('variable' in source) {
    const text = environment[source.variable]?.trim() ?? '';
    if (text !== '') return text;
    throw new Error(`${source.variable}: expected a secret in this variable, saw none; set it for the service`);
  }
  const text = await readFile(source.file, 'utf8').catch((cause: unknown) => {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new Error(`${source.file}: expected a file with a secret, saw ${code}`, { cause });
  });
  if (text.trim() !== '') return text.trim();
  throw new Error(`${source.file}: expected a secret in this file, saw nothing`);
}
