import { HOOK_TABLE } from '../../src/domain/hooks/hook-table';
import { expectGeneratedPart, markdownTable } from './pages';

const OTHERWISE = {
  poll: 'the next poll finds it',
  nothing: 'nothing is missed',
  brought: '`POST evidence`, or the source sends it again',
} as const;

it('the table of events is what the program does', () => {
  const rows = HOOK_TABLE.map(({ source, event, meaning, reads, otherwise }) => [
    `\`${source}\``,
    `\`${event}\``,
    `\`${meaning}\``,
    reads,
    OTHERWISE[otherwise],
  ]);
  const table = markdownTable(['source', 'event', 'meaning', 'what is read of it', 'when it gets lost'], rows);
  expectGeneratedPart('docs/webhooks.md', 'webhook events', table);
});
