import { HOOK_TABLE } from '../../src/domain/hooks/hook-table';
import { expectGeneratedPart, markdownTable } from './pages';

it('the table of events is what the program does', () => {
  const rows = HOOK_TABLE.map(({ source, event, meaning, reads }) => [
    `\`${source}\``,
    `\`${event}\``,
    `\`${meaning}\``,
    reads,
  ]);
  const table = markdownTable(['source', 'event', 'meaning', 'what is read of it'], rows);
  expectGeneratedPart('docs/webhooks.md', 'webhook events', table);
});
