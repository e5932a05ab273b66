import type { Kysely } from 'kysely';
import { InfrastructureError } from '../application/ports/infrastructure-error';
import { createGenerationTable, currentOf, generationsOf } from './generations';
import type { PositionText } from './position';
import type { Projection } from './projection';
import { from, type Rows } from './tables';

/** The tables of one projection as of one position of the log. */
export interface Snapshot {
  readonly position: PositionText;
  readonly rows: <Row extends object>(table: string) => Rows<Row>;
}

/** Where queries read. Everything one query reads is from the same moment. */
export class ReadModels {
  private prepared: Promise<void> | null = null;

  constructor(readonly db: Kysely<unknown>) {}

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
    await (this.prepared ??= createGenerationTable(this.db));
    return this.db
      .transaction()
      .setAccessMode('read only')
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        const current = currentOf(await generationsOf(trx, projection));
        if (!current) return null;
        const rows = <Row extends object>(table: string) => from<Row>(trx, table, current.generation);
        return { value: await work({ position: current.position, rows }) };
      });
  }
}
