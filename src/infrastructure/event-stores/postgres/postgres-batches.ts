import { InvalidEvent } from '../../../application/ports/event-store';
import type { Session } from '../../postgres/session';
import type { Sessions } from '../../postgres/sessions';
import type { AppendDecision } from '../append-decision';
import type { BatchWriter } from '../commit-queue';
import type { ValidAppend } from '../validate-append';
import { appendError, storeError } from './postgres-errors';

type Row = { readonly status: 'all-ok'; readonly position: string; readonly recorded_at: Date } | DecisionRow;
type DecisionRow =
  | { readonly status: 'ok'; readonly revision: string; readonly position: string; readonly recorded_at: Date }
  | { readonly status: 'duplicate'; readonly revision: string; readonly position: string }
  | { readonly status: 'conflict' | 'id-reused'; readonly revision: string };

const APPEND = {
  name: 'append',
  text: 'select status, revision, position, recorded_at from stagegate.append($1, $2, $3, $4, $5, $6, $7, $8)',
};

/** Batches by the one function that may write. Each is a transaction of its own. */
export class PostgresBatches implements BatchWriter {
  private session: Session | null = null;

  /** @param sessions one at most: one batch is under way at a time. */
  constructor(
    private readonly sessions: Sessions,
    private readonly url: string,
  ) {}

  /** A connection: as long as there is none, nothing has been sent. */
  async prepare(): Promise<void> {
    if (this.session) return;
    try {
      const session = await this.sessions.take();
      // Lost while nothing was under way: then nothing is in doubt either.
      session.onceBroken(() => {
        if (this.session === session) this.drop();
      });
      this.session = session;
    } catch (error) {
      throw storeError(error, this.url);
    }
  }

  async commit(batch: readonly ValidAppend[]): Promise<readonly AppendDecision[]> {
    const { session } = this;
    if (session === null || batch.length === 0) return [];
    try {
      const { rows } = await session.query<Row>({ ...APPEND, values: [...partsOf(batch)] });
      return rows.flatMap((row) => (row.status === 'all-ok' ? allStored(batch, row) : [decisionOf(row)]));
    } catch (error) {
      if (session.isLost) this.drop();
      throw appendError(error, this.url);
    }
  }

  mayBeOneOfMany(error: unknown): boolean {
    return error instanceof InvalidEvent;
  }

  /** Gives the connection up, whatever is under way on it. */
  drop(): void {
    this.session?.drop();
    this.session = null;
  }
}

/** What the function takes, in its order. Data and meta are JSON text already, in which a line break is written `\n`. */
function partsOf(batch: readonly ValidAppend[]): readonly unknown[] {
  const events = batch.flatMap((append) => append.events);
  let skip = 0;
  const skips = batch.map((append) => {
    const before = skip;
    skip += append.events.length;
    return before;
  });
  return [
    batch.map(({ stream }) => stream),
    batch.map(({ expected }) => (expected === 'no-stream' ? '-1' : String(expected))),
    skips,
    batch.map((append) => append.events.length),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ data }) => data).join('\n'),
    events.map(({ meta }) => meta).join('\n'),
  ];
}

/** Every append of the batch, when each was stored at the revision it expected and right behind the one before it. */
function allStored(
  batch: readonly ValidAppend[],
  { position, recorded_at: recordedAt }: Extract<Row, { status: 'all-ok' }>,
): readonly AppendDecision[] {
  let at = BigInt(position);
  for (const { events } of batch) at -= BigInt(events.length);
  return batch.map(({ expected, events }) => {
    const count = BigInt(events.length);
    at += count;
    return { status: 'ok', revision: (expected === 'no-stream' ? -1n : expected) + count, position: at, recordedAt };
  });
}

function decisionOf(row: DecisionRow): AppendDecision {
  const { status } = row;
  const revision = BigInt(row.revision);
  switch (status) {
    case 'conflict':
      return { status, actual: revision < 0n ? 'no-stream' : revision };
    case 'id-reused':
      return { status };
    case 'ok':
      return { status, revision, position: BigInt(row.position), recordedAt: row.recorded_at };
    case 'duplicate':
      return { status, revision, position: BigInt(row.position) };
  }
}
