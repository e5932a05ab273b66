import type { StoredEvent } from '../../../application/ports/event-store';
import type { Sessions } from '../../postgres/sessions';
import { contentsOf } from '../event-contents';
import type { StreamRange } from '../stream-range';

interface Row {
  readonly position: string;
  readonly stream_id: string;
  readonly revision: string;
  readonly event_id: string;
  readonly type: string;
  readonly data: unknown;
  readonly meta: unknown;
  readonly created_at: Date;
}

/** What a statement found; without a position: nothing. */
type Found = Row | { readonly position: null };

/** A stretch of the log: what of it was asked for, and where it ended. */
export interface Stretch {
  readonly events: StoredEvent[];
  /** Position of the newest event of the log at that moment. */
  readonly head: bigint;
}

const COLUMNS = 'e.position, e.stream_id, e.revision, e.event_id, e.type, e.data, e.meta, e.created_at';
const ofStream = (name: string, compare: string, order: string) => ({
  name,
  text: `select ${COLUMNS} from stagegate.event e
    where e.stream_id = $1 and e.revision ${compare} $2 order by e.revision ${order} limit $3`,
});
const FORWARDS = ofStream('forwards', '>=', 'asc');
const BACKWARDS = ofStream('backwards', '<=', 'desc');
/** One statement, so that head and rows are of one moment: positions have no gaps, so nothing is missing below the head. */
const STRETCH = {
  name: 'stretch',
  text: `select h.position as head, ${COLUMNS} from stagegate.head h left join lateral (
    select * from stagegate.event e
    where e.position > $1 and e.position <= $2
      and ($3::text[] is null or exists (select from unnest($3) p where starts_with(e.stream_id, p)))
    order by e.position limit $4) e on true order by e.position`,
};
const HEAD = { name: 'head', text: 'select position as head from stagegate.head' };

/** Every statement that reads the log. */
export class PostgresRows {
  constructor(private readonly sessions: Sessions) {}

  async readStream(stream: string, { isBackwards, from, limit }: StreamRange): Promise<StoredEvent[]> {
    return eventsIn(await this.query<Row>(isBackwards ? BACKWARDS : FORWARDS, [stream, from, limit]));
  }

  /** Events behind `after`, up to `to`, of streams with one of the prefixes; null for all. */
  async readStretch(after: bigint, to: bigint, prefixes: readonly string[] | null, limit: number): Promise<Stretch> {
    const rows = await this.query<Found & { head: string }>(STRETCH, [after, to, prefixes, limit]);
    return { events: eventsIn(rows), head: BigInt(rows[0]?.head ?? 0) };
  }

  async head(): Promise<bigint> {
    const [row] = await this.query<{ head: string }>(HEAD, []);
    return BigInt(row?.head ?? 0);
  }

  private async query<R extends object>(
    statement: { name: string; text: string },
    values: readonly unknown[],
  ): Promise<R[]> {
    const { rows } = await this.sessions.with((session) => session.query<R>({ ...statement, values: [...values] }));
    return rows;
  }
}

function eventsIn(rows: readonly Found[]): StoredEvent[] {
  return rows.filter((row): row is Row => row.position !== null).map(toEvent);
}

function toEvent({ position, stream_id, revision, event_id, type, data, meta, created_at }: Row): StoredEvent {
  const commit = BigInt(position);
  return {
    id: event_id,
    type,
    ...contentsOf(data, meta),
    stream: stream_id,
    revision: BigInt(revision),
    position: { commit, prepare: commit },
    // A time at infinity, which somebody may have put there, is none.
    recordedAt: created_at instanceof Date ? created_at : new Date(0),
  };
}
