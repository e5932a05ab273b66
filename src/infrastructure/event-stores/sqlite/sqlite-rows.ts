import type Database from 'libsql';
import type { ExpectedRevision } from '../../../domain/fact';
import type { StoredEvent } from '../../../application/ports/event-store';
import { contentsIn, faulty } from '../event-contents';
import type { StreamRange } from '../stream-range';
import type { AppendDecision } from '../append-decision';
import type { ValidAppend } from '../validate-append';

type Row = readonly [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  data: string,
  meta: string,
  at: number,
];

const COLUMNS = 'position, stream_id, revision, event_id, type, data, meta, created_at';

/** Every statement of the store, prepared once. */
export class SqliteRows {
  private readonly lastRevision: Database.Statement;
  private readonly head: Database.Statement;
  private readonly idAt: Database.Statement;
  private readonly idAnywhere: Database.Statement;
  private readonly insert: Database.Statement;
  private readonly forwards: Database.Statement;
  private readonly backwards: Database.Statement;
  private readonly page: Database.Statement;

  constructor(database: Database.Database) {
    const prepare = (sql: string) => database.prepare(sql).raw();
    this.lastRevision = prepare('select max(revision) from es_event where stream_id = ?');
    this.head = prepare('select coalesce(max(position), 0) from es_event');
    this.idAt = prepare('select position from es_event where stream_id = ? and revision = ? and event_id = ?');
    this.idAnywhere = prepare('select 1 from es_event where event_id = ?');
    this.insert = database.prepare(`insert into es_event (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)`);
    const where = `select ${COLUMNS} from es_event where stream_id = ? and revision`;
    this.forwards = prepare(`${where} >= ? order by revision limit ?`);
    this.backwards = prepare(`${where} <= ? order by revision desc limit ?`);
    this.page = prepare(`select ${COLUMNS} from es_event where position > ? order by position limit ?`);
  }

  /** Decides one append and stores it; to be called within a write transaction. Idempotency is by place, not by search. */
  append({ stream, expected, events }: ValidAppend, now: number): AppendDecision {
    const last = this.last(stream);
    const first = expected === 'no-stream' ? 0n : expected + 1n;
    const end = first + BigInt(events.length) - 1n;
    if (last !== expected) {
      const places = events.map(({ id }, index) => this.one(this.idAt, stream, first + BigInt(index), id));
      const position = places.at(-1);
      if (places.includes(undefined) || typeof position !== 'number') return { status: 'conflict', actual: last };
      return { status: 'duplicate', revision: end, position: BigInt(position) };
    }
    if (events.some(({ id }) => this.one(this.idAnywhere, id) !== undefined)) return { status: 'id-reused' };
    let position = BigInt(this.one(this.head) ?? 0);
    events.forEach(({ id, type, data, meta }, index) => {
      position += 1n;
      this.insert.run(position, stream, first + BigInt(index), id, type, data, meta, now);
    });
    return { status: 'ok', revision: end, position, recordedAt: new Date(now) };
  }

  last(stream: string): ExpectedRevision {
    const value = this.one(this.lastRevision, stream);
    return typeof value === 'number' ? BigInt(value) : 'no-stream';
  }

  readStream(stream: string, { isBackwards, from, limit }: StreamRange): StoredEvent[] {
    const statement = isBackwards ? this.backwards : this.forwards;
    return (statement.all(stream, from, limit) as Row[]).map(toEvent);
  }

  readPage(after: bigint, limit: number): StoredEvent[] {
    return (this.page.all(after, limit) as Row[]).map(toEvent);
  }

  private one(statement: Database.Statement, ...values: unknown[]): number | null | undefined {
    // `get` of this driver adds a property to its row; `all` does not.
    const [row] = statement.all(...values) as (number | null)[][];
    return row?.[0];
  }
}

function toEvent([position, stream, revision, id, type, data, meta, at]: Row): StoredEvent {
  const commit = BigInt(position);
  const place = { position: { commit, prepare: commit } };
  if (!isAsStored(stream, revision, id, type, data, meta, at)) return oddRow(place, stream, revision, id, type);
  return {
    id,
    type,
    ...contentsIn(data, meta),
    stream,
    revision: BigInt(revision),
    ...place,
    recordedAt: new Date(at),
  };
}

/** SQLite keeps values of any type in any column; a hand may have put them there. */
function isAsStored(stream: string, revision: number, id: string, type: string, ...rest: readonly unknown[]): boolean {
  const [data, meta, at] = rest;
  const texts = typeof stream === 'string' && typeof id === 'string' && typeof type === 'string';
  const isText = texts && typeof data === 'string' && typeof meta === 'string';
  return isText && Number.isSafeInteger(revision) && !Number.isNaN(new Date(at as number).getTime());
}

function oddRow(place: Pick<StoredEvent, 'position'>, ...texts: readonly unknown[]): StoredEvent {
  const [stream, revision, id, type] = texts;
  return {
    id: String(id),
    type: String(type),
    ...faulty('expected a row of this program, saw columns of other types'),
    stream: String(stream),
    revision: Number.isSafeInteger(revision) ? BigInt(revision as number) : -1n,
    ...place,
    recordedAt: new Date(0),
  };
}
