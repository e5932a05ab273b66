import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../infrastructure/config/config-error';
import { inspectRepository } from '../infrastructure/git/inspect';

/** The command that accepts another log in a repository's state. */
export const NEW_LOG_WITH = 'stagegate land --new-log';

/**
 * Where `land` keeps the state of a repository.
 *
 * @throws ConfigError when it has not landed there yet.
 */
export async function landPlace(path: string) {
  const { gitDir } = await inspectRepository({ project: 'repo', path, main: 'main' }, 'main');
  const stateDir = join(gitDir, 'stagegate');
  const file = join(stateDir, 'events.db');
  if (!existsSync(file))
    throw new ConfigError(
      `--repo: expected a repository in which land has run, saw no ${file}; run stagegate land first`,
    );
  const eventStore = { kind: 'file', path: file } as const;
  const readModel = { kind: 'file', path: join(stateDir, 'read-models.db') } as const;
  return { stateDir, eventStore, readModel };
}
