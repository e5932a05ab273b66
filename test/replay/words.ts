import type { Random } from '../simulation/random';
import type { Words } from '../support/history/fast-import';

/** Messages as people and tools leave them: every byte of one has to arrive. */
const ENDS = [
  '\n',
  '',
  '\n\nWhy: because.\n',
  '\n\n\n  two  \n\n\n',
  '\r\n\r\nfrom elsewhere\r\n',
  '\n\n# no comment\n',
];

/** The message of a commit, sometimes in an encoding of old. */
export function wordsOf(random: Random, subject: string): Words {
  const message = `${subject}${random.pick(ENDS)}`;
  return random.chance(0.1) ? { message: `Größe: ${message}`, encoding: 'ISO-8859-1' } : { message };
}
