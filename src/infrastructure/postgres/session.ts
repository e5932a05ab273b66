import { DatabaseError, type ClientBase, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';

/** Errors after which the server went on with the session. */
const refusals = new WeakSet();

/** The server has answered: what was asked has been undone, and the connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && refusals.has(error);
}

/** A session of ours on the server, and whether it can be used again. */
export class Session {
  private lost = false;

  /** @param giveBack what to do with the connection when it is not needed any more; a lost one must not be used again. */
  constructor(
    private readonly connection: ClientBase,
    private readonly giveBack: (isLost: boolean) => void,
  ) {}

  /** One that failed other than by the server's refusal is lost: an answer that comes late would be taken for that of the next query. */
  get isLost(): boolean {
    return this.lost;
  }

  async query<Row extends QueryResultRow>(query: string | QueryConfig): Promise<QueryResult<Row>> {
    try {
      return await this.connection.query<Row>(query);
    } catch (error) {
      if (await this.goesOn(error)) refusals.add(error as object);
      else this.lost = true;
      throw error;
    }
  }

  /** @param listener of a connection that breaks while nothing is under way. */
  onceBroken(listener: () => void): void {
    this.connection.once('error', listener);
  }

  release(): void {
    this.giveBack(this.lost);
  }

  /** Gives it up, whatever is under way. */
  drop(): void {
    this.giveBack(true);
  }

  /**
   * Whether the session outlived an error. How grave one is stands in the language of the server, and one state may mean either; so the
   * server is asked for nothing: it answers that within a failed transaction too, and no more after what ended the session.
   */
  private async goesOn(error: unknown): Promise<boolean> {
    if (!(error instanceof DatabaseError) || error.code === undefined) return false;
    return this.connection.query('').then(
      () => true,
      () => false,
    );
  }
}
