import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config-error';

/** @returns what the project file says. @throws ConfigError where there is none to read. */
export function projectText(path: string): string {
  try {
    return readFileSync(resolve(path), 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    const advice = 'write one (stagegate.example.yml shows how) or set STAGEGATE_PROJECTS to its path';
    throw new ConfigError(`${path}: expected the project file, saw ${code}; ${advice}`, { cause });
  }
}
