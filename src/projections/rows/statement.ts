import type { CompiledQuery, Kysely, QueryResult } from 'kysely';

/** Stands in a statement for a value that every run has its own of. */
class Given<Place> {
  constructor(readonly place: Place) {}
}

interface Compilable {
  compile(): CompiledQuery;
}

/** A statement that is built once for each database and then filled in: building one takes longer than running it. */
export interface Statement<Place> {
  /** Unique among all statements: whatever they differ in stands in it. */
  readonly name: string;
  /** @param given stands in the place of a value, of whatever type is wanted there. */
  readonly build: (db: Kysely<unknown>, given: (place: Place) => never) => Compilable;
}

const built = new WeakMap<object, Map<string, CompiledQuery>>();

export function run<Place, Row = unknown>(
  db: Kysely<unknown>,
  statement: Statement<Place>,
  valueAt: (place: Place) => unknown,
): Promise<QueryResult<Row>> {
  const query = builtFor(db, statement);
  const parameters = query.parameters.map((value) => (value instanceof Given ? valueAt(value.place as Place) : value));
  return db.executeQuery({ ...query, parameters });
}

function builtFor<Place>(db: Kysely<unknown>, { name, build }: Statement<Place>): CompiledQuery {
  // A transaction has its database's.
  const { adapter } = db.getExecutor();
  const known = built.get(adapter) ?? new Map<string, CompiledQuery>();
  built.set(adapter, known);
  const query = known.get(name) ?? build(db, (place) => new Given(place) as never).compile();
  known.set(name, query);
  return query;
}
