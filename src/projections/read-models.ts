import type { Kysely } from 'kysely';
import { InfrastructureError } from '../application/ports/infrastructure-error';
import { currentOf, ensureGenerationTable, generationsOf, type Generation } from './generations/generations';
import type { LogIdentity } from '../application/log-identity';
import type { PositionText } from './events/position';
import type { Projection } from './projection';
import { rowsWithin } from './rows/rows-within';
import { from, type Rows } from './rows/tables';
import type { ProjectScope } from '../domain/authority/principal';

/** The tables of one projection as of one position of the log. */
export interface Snapshot {
  readonly position: PositionText;
  readonly rows: <Row extends object>(table: string) => Rows<Row>;
}

/** Where queries read what somebody may see. */
export type SeenModels = Pick<ReadModels, 'read' | 'readIfBuilt'>;

/** How often a read begins anew because its tables were replaced and dropped under it. */
const MOST_ATTEMPTS = 3;

/** Where queries read. Everything one query reads is from the same moment. */
export class ReadModels {
  private prepared: Promise<void> | null = null;

  constructor(
    readonly db: Kysely<unknown>,
    private readonly log: LogIdentity,
  ) {}

  /** @throws InfrastructureError READ_MODEL_NOT_BUILT before the first `catchUp` of this version. */
  async read<T>(projection: Projection, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const done = await this.readIfBuilt(projection, work);
    if (done) return done.value;
    const { name, version } = projection;
    const message = `expected version ${version} of the ${name} projection, saw none; project the log first`;
    throw new InfrastructureError('READ_MODEL_NOT_BUILT', message);
  }

  /** @returns null before the first `catchUp` of this version. */
  async readIfBuilt<T>(projection: Projection, work: (snapshot: Snapshot) => Promise<T>): Promise<{ value: T } | null> {
    await this.prepare();
    for (let attempt = 1; ; attempt += 1) {
      let used: Generation | null = null;
      try {
        return await this.db
          .transaction()
          .setAccessMode('read only')
          .setIsolationLevel('repeatable read')
          .execute(async (trx) => {
            used = await this.currentOf(trx, projection);
            return used && { value: await work(snapshotOf(trx, used)) };
          });
      } catch (error) {
        // PostgreSQL drops a table also for those who have begun to read: then there is another one.
        const isReplaced = (await this.currentOf(this.db, projection))?.generation !== generationIn(used);
        if (attempt === MOST_ATTEMPTS || !isReplaced) throw error;
      }
    }
  }

  /** The same without the rows of other projects: no query can reach one. */
  within(scope: ProjectScope): SeenModels {
    if (scope === '*') return this;
    const narrowed =
      <T>(projection: Projection, work: (snapshot: Snapshot) => Promise<T>) =>
      ({ position, rows }: Snapshot) =>
        work({ position, rows: (table) => rowsWithin(rows(table), projection, table, scope) });
    return {
      read: (projection, work) => this.read(projection, narrowed(projection, work)),
      readIfBuilt: (projection, work) => this.readIfBuilt(projection, narrowed(projection, work)),
    };
  }

  private async prepare(): Promise<void> {
    this.prepared ??= ensureGenerationTable(this.db);
    try {
      await this.prepared;
    } catch (error) {
      this.prepared = null;
      throw error;
    }
  }

  private async currentOf(db: Kysely<unknown>, projection: Projection): Promise<Generation | null> {
    return currentOf((await generationsOf(db, this.log, [projection])).get(projection));
  }
}

function snapshotOf(trx: Kysely<unknown>, { position, generation }: Generation): Snapshot {
  return { position, rows: <Row extends object>(table: string) => from<Row>(trx, table, generation) };
}

/** What was assigned within a callback, in the eyes of the compiler. */
function generationIn(used: Generation | null): number | undefined {
  return used?.generation;
}
