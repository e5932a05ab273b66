import type { Kysely } from 'kysely';
import type { Logger } from '../../application/ports/logger';
import type { ReadModelUrl } from '../config/values/value-types';

/**
 * Loads only the driver that is needed. A file is opened here; a server only when something is wanted of it, so that a
 * service can start before it.
 */
export async function openReadModelsAt(url: ReadModelUrl, logger: Logger): Promise<Kysely<unknown>> {
  if (url.kind === 'postgres') {
    const { openPostgresReadModels } = await import('./open-postgres-read-models.js');
    return openPostgresReadModels(url.url);
  }
  const { IN_MEMORY, openReadModels } = await import('./open-read-models.js');
  return openReadModels(url.kind === 'memory' ? IN_MEMORY : url.path, (seen, movedTo) => {
    logger.warn('no read models were to be read; they are made again', { seen, movedTo });
  });
}
