import { StandardStream } from '../../../src/infrastructure/terminal/standard-stream';
import { cutToColumns, StatusLine } from '../../../src/infrastructure/terminal/status-line';

let written = '';
const terminal = {
  columns: 20,
  on: () => terminal,
  write: (text: string) => (written += text),
};
const line = () => new StatusLine(new StandardStream(() => terminal as unknown as NodeJS.WriteStream));
beforeEach(() => {
  written = '';
});

test('is written over in place, never longer than the terminal, and leaves nothing behind', () => {
  const status = line();
  status.show('one');
  status.show('one');
  status.show('a line that is longer than the terminal');
  status.hide();
  status.hide();
  expect(written).toBe('\r\u001b[Kone\r\u001b[Ka line that is long\r\u001b[K');
});

test('lets nothing through that steers', () => {
  line().show('\u001b[2J\nx');
  expect(written).toBe('\r\u001b[K\\x1b[2J\\nx');
});

test('wide characters count as two, and none is cut in half', () => {
  expect(cutToColumns('ab漢字', 5)).toBe('ab漢');
  expect(cutToColumns('😀😀', 3)).toBe('😀');
});
