import { storeError as postgresError } from '../../src/infrastructure/event-stores/postgres/postgres-errors';
import { storeError as sqliteError } from '../../src/infrastructure/event-stores/sqlite/sqlite-errors';
import { inShort } from '../../src/infrastructure/event-stores/eventstoredb/server/troubles';
import { broken } from '../../src/cli/doctor/finding';
import { withinSentence, wordsOf } from '../../src/domain/within-sentence';
import { oddPunctuation } from '../support/punctuation';

it.each([
  ['Operation timed out: Commit phase timeout.', 'Operation timed out: Commit phase timeout'],
  ['fatal: not a git repository.\n', 'fatal: not a git repository'],
  ['a: ', 'a'],
  ['what; ,.:', 'what'],
  ['as it is', 'as it is'],
  ['', ''],
])('%j goes on as %j', (words, expected) => {
  expect(withinSentence(words)).toBe(expected);
  expect(wordsOf(new Error(words))).toBe(expected);
});

/** As servers, drivers and git end what they say. */
const SAID = ['the database system is shutting down.', 'no such role: ', 'a; b;', 'first line.\nsecond line.\n'];
const CODES = ['08006', '28000', '42501', '3D000', '55P03', '53100', '22021', ''];
const WAYS: Readonly<Record<string, (said: string) => readonly unknown[]>> = {
  PostgreSQL: (said) => CODES.map((code) => postgresError({ code, message: said }, 'postgres://a@b/c')),
  'the embedded store': (said) =>
    ['SQLITE_FULL', 'SQLITE_CORRUPT'].map((code) => sqliteError({ code, message: said }, '/srv/events.db')),
  EventStoreDB: (said) => [new Error(`esdb://a: expected an answer, saw ${inShort(said)}; ask again`)],
  doctor: (said) => broken('disk', new Error(said)).fix.map((line) => new Error(line)),
};

it.each(Object.entries(WAYS))('what %s says stands in our sentence without the end of its own', (_who, errors) => {
  for (const error of SAID.flatMap((said) => errors(said)))
    expect([oddPunctuation((error as Error).message.split('\n').join(' ')), error]).toEqual([null, error]);
});
