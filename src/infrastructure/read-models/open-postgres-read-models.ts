import { Kysely } from 'kysely';
import { addressOf } from '../postgres/address';
import { ANSWER_WITHIN_MS } from '../postgres/connection';
import { Sessions } from '../postgres/sessions';
import { PostgresReadDialect } from './postgres-dialect';

/** Of its own, so that a database may be shared with the log, and with anybody else. */
export const READ_MODEL_SCHEMA = 'stagegate_read';
/** The projector, and some queries at once. */
const MOST_CONNECTIONS = 5;

/**
 * Read models on a PostgreSQL server, shared by any number of replicas. The server is asked when something is wanted of it,
 * so that it may be away now; until it answers everything ends with READ_MODEL_UNAVAILABLE. Close with `destroy()`.
 *
 * @param answerWithinMs after that time without an answer the server is taken for gone.
 */
export function openPostgresReadModels(url: string, answerWithinMs = ANSWER_WITHIN_MS): Kysely<unknown> {
  return open(url, makeSchema, answerWithinMs);
}

/** To look at them: makes nothing. Where they have not been made yet, reading ends with SQLSTATE 42P01. */
export function lookAtPostgresReadModels(url: string): Kysely<unknown> {
  return open(url, async () => undefined, ANSWER_WITHIN_MS);
}

function open(url: string, prepare: (sessions: Sessions) => Promise<void>, answerWithinMs: number): Kysely<unknown> {
  const sessions = new Sessions({ url, max: MOST_CONNECTIONS, name: 'stagegate read models', answerWithinMs });
  const dialect = new PostgresReadDialect(sessions, prepare, addressOf(url));
  return new Kysely<unknown>({ dialect }).withSchema(READ_MODEL_SCHEMA);
}

/** Looks first: what is refused stands in the log of the server, and not everybody who may use the schema may make it. */
async function makeSchema(sessions: Sessions): Promise<void> {
  if (await hasSchema(sessions)) return;
  try {
    await sessions.with((session) => session.query(`create schema ${READ_MODEL_SCHEMA}`));
  } catch (error) {
    // Another process was faster, or there is something wrong.
    if (!(await hasSchema(sessions))) throw error;
  }
}

async function hasSchema(sessions: Sessions): Promise<boolean> {
  const asked = { text: 'select 1 from pg_namespace where nspname = $1', values: [READ_MODEL_SCHEMA] };
  const { rowCount } = await sessions.with((session) => session.query(asked));
  return rowCount === 1;
}
