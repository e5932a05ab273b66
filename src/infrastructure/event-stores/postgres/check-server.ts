import type { StoreInfo } from '../../../application/ports/event-store';
import type { Sessions } from '../../postgres/sessions';
import { currentVersion } from './migrate';
import { unusable } from './postgres-errors';
import { SCHEMA_VERSION } from './schema';

const OLDEST = 15;

export interface ServerFacts {
  readonly version: string;
  readonly durability: StoreInfo['durability'];
  /** Settings by which an acknowledged event may be lost in a power cut. */
  readonly notDurable: readonly string[];
  /** The role that was connected as could also change the log. */
  readonly ownsLog: boolean;
}

const FACTS = `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
  pg_is_in_recovery() as standby, current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
  current_setting('synchronous_commit') as synchronous`;
const OWNER = "select pg_has_role(relowner, 'member') as owns from pg_class where oid = 'stagegate.event'::regclass";

interface Row {
  readonly number: number;
  readonly version: string;
  readonly standby: boolean;
  readonly fsync: string;
  readonly pages: string;
  readonly synchronous: string;
}

/**
 * Looks at the server before anything is trusted to it.
 *
 * @throws StoreUnavailable, StoreCorrupt with a line that says what to do; whatever the driver throws.
 */
export function checkServer(sessions: Sessions, url: string): Promise<ServerFacts> {
  return sessions.with(async (session) => {
    const [row] = (await session.query<Row>(FACTS)).rows;
    if (!row) throw new Error('a server without settings');
    const { number, version } = row;
    if (number < OLDEST * 10_000) {
      throw unusable('STORE_UNAVAILABLE', url, `PostgreSQL ${OLDEST} or newer`, version, 'upgrade the server');
    }
    if (row.standby) {
      throw unusable('STORE_UNAVAILABLE', url, 'a primary server', 'a standby', 'connect to the primary');
    }
    const schema = await currentVersion(session, url);
    if (schema < SCHEMA_VERSION) {
      const seen = schema === 0 ? 'none' : `schema ${schema}`;
      const advice = 'run stagegate migrate as the role that owns the log';
      throw unusable('STORE_SCHEMA', url, `schema ${SCHEMA_VERSION}`, seen, advice);
    }
    const [owner] = (await session.query<{ owns: boolean }>(OWNER)).rows;
    const notDurable = notDurableOf(row);
    const durability = notDurable.length === 0 ? 'power-loss' : 'process-crash';
    return { version, durability, notDurable, ownsLog: owner?.owns ?? false };
  });
}

function notDurableOf({ fsync, pages, synchronous }: Row): readonly string[] {
  return [
    ...(fsync === 'on' ? [] : ['fsync']),
    ...(pages === 'on' ? [] : ['full_page_writes']),
    ...(synchronous === 'off' ? ['synchronous_commit'] : []),
  ];
}
