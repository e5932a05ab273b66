/**
 * Settings of a session that change what a statement means, how an answer is written or when a statement ends. Role, database and
 * server may each have others; what a connection asks for when it is made goes before all of them.
 */
export const PINNED: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  // Limits are those of whoever waits for the answer.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  // A process that is stopped or cut off in a transaction lets go of its rows, as others wait for them.
  idle_in_transaction_session_timeout: '10000',
  exit_on_error: 'off',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_min_messages: 'warning',
};

/** As the startup packet wants them: `-c name=value`, with a backslash before what would end the value. */
export const STARTUP_OPTIONS = Object.entries(PINNED)
  .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
  .join(' ');
