import type Database from 'libsql';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { retryBusy } from '../sqlite/retry-busy';

/** Nothing that read models can be kept in. The message says what was seen. */
export class UselessReadModels extends Error {}

/** Up to this size every page is checked (about 50 ms); of a larger file, what is read of it. */
const CHECKED_AT_OPEN_BYTES = 32 * 1024 * 1024;

/**
 * @throws UselessReadModels for a damaged file; InfrastructureError READ_MODEL_IS_OTHER for what says that it belongs to
 *   something else, which is nobody's to move.
 */
export async function refuseUseless(database: Database.Database, path: string): Promise<void> {
  const first = (text: string) => retryBusy(() => (database.prepare(text).raw().all() as unknown[][])[0]?.[0]);
  const owner = Number(await first('pragma application_id'));
  if (owner !== 0) {
    const text = `${path}: expected read models, saw a database of another kind (application id ${owner}); correct STAGEGATE_READ_MODEL_URL`;
    throw new InfrastructureError('READ_MODEL_IS_OTHER', text);
  }
  const bytes = Number(await first('pragma page_count')) * Number(await first('pragma page_size'));
  if (bytes <= CHECKED_AT_OPEN_BYTES) {
    const verdict = await first('pragma quick_check(1)');
    if (verdict !== 'ok') throw new UselessReadModels(`a damaged file (${String(verdict)})`);
  }
}
