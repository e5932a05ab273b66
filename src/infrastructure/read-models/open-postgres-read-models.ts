import { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { addressOf } from '../postgres/address';
import { ANSWER_WITHIN_MS, createPool } from '../postgres/pool';
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

function open(url: string, prepare: (pool: Pool) => Promise<void>, answerWithinMs: number): Kysely<unknown> {
  const pool = createPool(url, { max: MOST_CONNECTIONS, name: 'stagegate read models', answerWithinMs });
  const dialect = new PostgresReadDialect(pool, prepare, addressOf(url));
  return new Kysely<unknown>({ dialect }).withSchema(READ_MODEL_SCHEMA);
}

/** Looks first: what is refused stands in the log of the server, and not everybody who may use the schema may make it. */
async function makeSchema(pool: Pool): Promise<void> {
  if (await hasSchema(pool)) return;
  try {
    await pool.query(`create schema ${READ_MODEL_SCHEMA}`);
  } catch (error) {
    // Another process was faster, or there is something wrong.
    if (!(await hasSchema(pool))) throw error;
  }
}

async function hasSchema(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query('select 1 from pg_namespace where nspname = $1', [READ_MODEL_SCHEMA]);
  return rowCount === 1;
}
