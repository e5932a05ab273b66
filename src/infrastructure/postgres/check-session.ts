import { DatabaseError, type ClientBase, type QueryConfig } from 'pg';
import { PINNED } from './session-settings';

/**
 * What is at the other end of a connection, and cannot be relied on as it is: no waiting makes it better, and nothing was done
 * with it.
 */
export class Unsuitable extends Error {
  constructor(
    readonly expected: string,
    readonly seen: string,
    readonly advice: string,
  ) {
    super(`expected ${expected}, saw ${seen}; ${advice}`);
  }
}

const ENCODING = 'UTF8';
const DIRECTLY = 'connect to PostgreSQL itself, not to a pooler; see docs/postgresql.md';

/** A server that is let know what we want of a session, and does not: a pooler, another product, a PostgreSQL before 15. */
const NOT_UNDERSTOOD = /^(08P01|0A000|22023|42704)$/;

/** Newer servers have a limit that older ones would not take in the startup packet. Short enough to be done before it strikes. */
const NO_LIMIT = `select set_config('transaction_timeout', '0', false)
  where current_setting('transaction_timeout', true) is not null`;
const LOOK = `select pg_backend_pid() as pid, current_setting('server_encoding') as encoding,
  (select json_object_agg(name, setting) from pg_settings where name = any ($1)) as settings`;

interface Look {
  readonly pid: number;
  readonly encoding: string;
  readonly settings: Readonly<Record<string, string>> | null;
}

/** What a connection that could not be made says of the server: by the state alone, since words are of its language. */
export function connectError(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || !NOT_UNDERSTOOD.test(error.code ?? '')) return error;
  return new Unsuitable(
    'a PostgreSQL of 15 or newer that sets up a session as it is asked to',
    error.message,
    DIRECTLY,
  );
}

/**
 * Looks at a connection that has just been made: whether it is a session of our own on the server, set up as we asked for, in a
 * database that keeps text as it is.
 *
 * A pooler hands out a process number of its own, since it has to know whom a cancellation is for. In whatever mode it works: what
 * a connection asked for when it was made does not reach the server through it.
 *
 * @throws Unsuitable; whatever the driver throws.
 */
export async function checkSession(client: ClientBase, withinMs: number): Promise<void> {
  await client.query(limited({ text: NO_LIMIT }, withinMs));
  const { rows } = await client.query<Look>(limited({ text: LOOK, values: [Object.keys(PINNED)] }, withinMs));
  const [look] = rows;
  const { processID } = client as ClientBase & { readonly processID: number | null };
  if (!look || look.pid !== processID)
    throw new Unsuitable('a session of its own', 'a pooler, which hands sessions on', DIRECTLY);
  const other = Object.entries(PINNED).find(([name, value]) => look.settings?.[name] !== value);
  if (other) {
    const [name, wanted] = other;
    throw new Unsuitable(`${name} ${wanted} as asked for`, look.settings?.[name] ?? 'no such setting', DIRECTLY);
  }
  if (look.encoding !== ENCODING) {
    const how = `create one with encoding '${ENCODING}' template template0, and move the log there by pg_dump`;
    throw new Unsuitable(`a database in ${ENCODING}`, look.encoding, how);
  }
}

/** Its types do not know what the driver takes. */
function limited(query: QueryConfig, withinMs: number): QueryConfig {
  return Object.assign(query, { query_timeout: withinMs });
}
