import { escapeIdentifier } from 'pg';
import type { Session } from '../../postgres/session';
import { withOwnSession } from '../../postgres/sessions';
import { storeError, unusable } from './postgres-errors';
import { MIGRATIONS, SCHEMA_VERSION } from './schema';

/** Any number, as long as nobody else in the database takes the same: `stgt` in ASCII. */
const LOCK = 0x73746774;
/** A change of the schema may take longer than a query of the service, and waits for another one that is under way. */
const STATEMENT_WITHIN_MS = 60_000;

export interface Migrated {
  readonly from: number;
  readonly to: number;
  /** The role that may now read the log and append to it, and keep read models. */
  readonly grantedTo: string | null;
}

/**
 * Brings a database to this program's schema: all of it or nothing, one at a time. To be run by the role that is to own
 * the log; the service needs another role, which may append but not change what is there.
 *
 * @param answerWithinMs for each statement
 * @throws StoreUnavailable, StoreCorrupt with a line for the user
 */
export async function migrate(
  url: string,
  grantTo: string | null,
  answerWithinMs = STATEMENT_WITHIN_MS,
): Promise<Migrated> {
  try {
    return await withOwnSession({ url, name: 'stagegate migrate', answerWithinMs }, async (session) => {
      await session.query('begin');
      await session.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] });
      const from = await currentVersion(session, url);
      if (from < SCHEMA_VERSION) await raise(session, from);
      if (grantTo !== null) await grant(session, grantTo);
      await session.query('commit');
      return { from, to: SCHEMA_VERSION, grantedTo: grantTo };
    });
  } catch (error) {
    throw storeError(error, url);
  }
}

async function raise(session: Session, from: number): Promise<void> {
  if (from === 0) await session.query('create schema if not exists stagegate');
  for (const sql of MIGRATIONS.slice(from)) await session.query(sql);
  await session.query({
    text: `insert into stagegate.schema_version values (1, $1, now())
      on conflict (id) do update set version = excluded.version, migrated_at = excluded.migrated_at`,
    values: [SCHEMA_VERSION],
  });
}

async function grant(session: Session, role: string): Promise<void> {
  const to = escapeIdentifier(role);
  await session.query(`
    grant usage on schema stagegate to ${to};
    grant select on stagegate.schema_version, stagegate.head, stagegate.event to ${to};
    grant execute on function stagegate.append to ${to};
    create schema if not exists stagegate_read;
    grant usage, create on schema stagegate_read to ${to}`);
}

/**
 * @returns 0 where nothing has been migrated yet.
 * @throws StoreUnavailable for the schema of a newer program, StoreCorrupt for that of another product.
 */
export async function currentVersion(session: Session, url: string): Promise<number> {
  const { rows } = await session.query<{ versions: boolean; tables: string }>(`
    select to_regclass('stagegate.schema_version') is not null as versions,
      (select count(*) from pg_class where relnamespace = to_regnamespace('stagegate') and relkind = 'r') as tables`);
  const [found] = rows;
  if (!found?.versions) {
    if (found?.tables === '0') return 0;
    const seen = `a schema named stagegate of another product`;
    throw unusable('STORE_CORRUPT', url, 'an event store', seen, 'use another database');
  }
  const { rows: versions } = await session.query<{ version: number }>('select version from stagegate.schema_version');
  const version = versions[0]?.version ?? 0;
  if (version <= SCHEMA_VERSION) return version;
  const expected = `schema ${SCHEMA_VERSION}`;
  throw unusable('STORE_SCHEMA', url, expected, `schema ${version}`, 'a newer stagegate wrote it: use that one');
}
