import { Sessions } from '../../postgres/sessions';
import { NEWEST } from '../newest';
import { checkServer, type ServerFacts } from './check-server';
import { storeError } from './postgres-errors';

export interface PostgresFacts extends ServerFacts {
  readonly events: number;
  /** The latest time among the newest events, ms since 1970: by the clocks of who decided them and who stored them. */
  readonly newestMs: number | null;
}

interface Row {
  readonly events: string;
  readonly stored: Date | null;
  readonly decided: readonly (string | null)[] | null;
}

/** Times of decisions as text: what somebody has put there may be none. */
const CONTENTS = `select (select position from stagegate.head) as events, max(created_at) as stored,
  array_agg(meta->>'at') as decided
  from (select created_at, meta from stagegate.event order by position desc limit ${NEWEST}) e`;

/**
 * What is to be known of a server with a log on it; changes nothing.
 *
 * @throws StoreUnavailable, StoreCorrupt
 */
export async function inspectPostgresStore(url: string): Promise<PostgresFacts> {
  const sessions = new Sessions({ url, max: 1, name: 'stagegate doctor' });
  try {
    const facts = await checkServer(sessions, url);
    const { rows } = await sessions.with((session) => session.query<Row>(CONTENTS));
    return { ...facts, events: Number(rows[0]?.events ?? 0), newestMs: newestIn(rows[0]) };
  } catch (error) {
    throw storeError(error, url);
  } finally {
    await sessions.end();
  }
}

function newestIn(row: Row | undefined): number | null {
  if (!row?.stored) return null;
  const decided = (row.decided ?? []).map((at) => Date.parse(at ?? '')).filter((ms) => !Number.isNaN(ms));
  return Math.max(row.stored.getTime(), ...decided);
}
