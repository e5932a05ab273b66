import { BY_CODE, type Meaning } from '../../src/infrastructure/event-stores/eventstoredb/calls/meanings';
import { expectGeneratedPart, markdownTable } from './pages';

const UNKNOWN = 'unknown outcome: sent again';
const AWAY = '`STORE_UNAVAILABLE`: asked again';

/** What `test/infrastructure/eventstoredb/answers.spec.ts` shows of each call, in words. */
const TOLD: Partial<Record<Meaning, readonly [append: string, read: string]>> = {
  invalid: [
    '`STORE_INVALID_EVENT`, or `STORE_EVENT_TOO_LARGE` by its words: final',
    '`STORE_CORRUPT`: no such place in this log',
  ],
  'unknown-user': ['`STORE_ACCESS_DENIED`: user or password', '`STORE_ACCESS_DENIED`: user or password'],
  denied: ['`STORE_ACCESS_DENIED`: no right to append', '`STORE_ACCESS_DENIED`: no right to read'],
  'given-up': ['sent again at once, in the end unknown outcome', 'asked again at once, in the end `STORE_UNAVAILABLE`'],
  'another-server': ['`STORE_UNAVAILABLE`: no EventStoreDB, nothing stored', '`STORE_UNAVAILABLE`: no EventStoreDB'],
  unanswered: [
    'unknown outcome: sent again, by another connection',
    '`STORE_UNAVAILABLE`: asked again, by another connection',
  ],
  unclear: [UNKNOWN, AWAY],
};

it('what an answer means is told as it is in the code', () => {
  const rows = BY_CODE.filter(({ code }) => code !== 'OK').map(({ code, meaning }) => {
    const told = TOLD[meaning] ?? ['', ''];
    expect(told[0]).not.toBe('');
    return [`\`${code}\``, ...told];
  });
  expectGeneratedPart(
    'docs/eventstoredb.md',
    'eventstoredb answers',
    markdownTable(['code', 'append', 'read, subscription'], rows),
  );
});
