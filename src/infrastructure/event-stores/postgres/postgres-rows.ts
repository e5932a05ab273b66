import type { Pool } from 'pg';
import type { StoredEvent } from '../../../application/ports/event-store';
import type { JsonObject } from '../../../domain/json';
import { withClient } from '../../postgres/pool';

interface Row {
  readonly position: string;
  readonly stream_id: string;
  readonly revision: string;
  readonly event_id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly meta: JsonObject;
  readonly created_at: Date;
}

/** A stretch of the log: what of it was asked for, and where it ended. */
export interface Stretch {
  readonly events: StoredEvent[];
  /** Position of the newest event of the log at that moment. */
  readonly head: bigint;
}

const COLUMNS = 'e.position, e.stream_id, e.revision, e.event_id, e.type, e.data, e.meta, e.created_at';
const OF_STREAM = `select ${COLUMNS} from stagegate.event e where e.stream_id = $1 and e.revision`;
const FORWARDS = { name: 'forwards', text: `${OF_STREAM} >= $2 order by e.revision limit $3` };
const BACKWARDS = { name: 'backwards', text: `${OF_STREAM} <= $2 order by e.revision desc limit $3` };
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
  constructor(private readonly pool: Pool) {}

  async readForwards(stream: string, from: bigint, limit: number): Promise<StoredEvent[]> {
    return (await this.query<Row>(FORWARDS, [stream, from, limit])).map(toEvent);
  }

  async readBackwards(stream: string, from: bigint, limit: number): Promise<StoredEvent[]> {
    return (await this.query<Row>(BACKWARDS, [stream, from, limit])).map(toEvent);
  }

  /** Events behind `after`, up to `to`, of streams with one of the prefixes; null for all. */
  async readStretch(after: bigint, to: bigint, prefixes: readonly string[] | null, limit: number): Promise<Stretch> {
    type Found = { head: string } & (Row | { position: null });
    const rows = await this.query<Found>(STRETCH, [after, to, prefixes, limit]);
    const events = rows.filter((row): row is Row & { head: string } => row.position !== null).map(toEvent);
    return { events, head: BigInt(rows[0]?.head ?? 0) };
  }

  async head(): Promise<bigint> {
    const [row] = await this.query<{ head: string }>(HEAD, []);
    return BigInt(row?.head ?? 0);
  }

  private async query<R extends object>(
    statement: { name: string; text: string },
    values: readonly unknown[],
  ): Promise<R[]> {
    const { rows } = await withClient(this.pool, (client) => client.query<R>({ ...statement, values: [...values] }));
    return rows;
  }
}

function toEvent({ position, stream_id, revision, event_id, type, data, meta, created_at }: Row): StoredEvent {
  const commit = BigInt(position);
  return {
    id: event_id,
    type,
    data,
    meta,
    stream: stream_id,
    revision: BigInt(revision),
    position: { commit, prepare: commit },
    recordedAt: created_at,
  };
}
