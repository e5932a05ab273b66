import { sql, type RawBuilder } from 'kysely';
import type { Projection, WhoseRow } from '../projection';
import type { Rows } from './tables';

/**
 * The rows of a table that are of these projects, and no others, whatever is asked of them behind this.
 *
 * @throws Error for a table that the projection does not have.
 */
export function rowsWithin<Row extends object>(
  rows: Rows<Row>,
  { name, tables }: Projection,
  table: string,
  projects: readonly string[],
): Rows<Row> {
  const whose = tables.find((one) => one.name === table)?.whose;
  if (whose === undefined) throw new Error(`${table}: expected a table of ${name}, saw none of that name`);
  const [first, ...others] = projects.map((project) => OF[whose](project));
  if (!first) return rows.where(sql<boolean>`1 = 0`);
  // Of one project an equation alone, by which an index leads to its rows.
  return rows.where(others.reduce((some, one) => sql<boolean>`(${some} or ${one})`, first));
}

const OF: Readonly<Record<WhoseRow, (project: string) => RawBuilder<boolean>>> = {
  column: (project) => sql<boolean>`${sql.ref('t.project')} = ${project}`,
  key: (project) => sql<boolean>`${sql.ref('t.key')} = ${project}`,
  // A key of a project holds no dot, and a slash is what follows one.
  'task-in-key': (project) =>
    sql<boolean>`(${sql.ref('t.key')} > ${`${project}.`} and ${sql.ref('t.key')} < ${`${project}/`})`,
};
