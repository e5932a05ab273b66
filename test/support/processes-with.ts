import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes that have a text in their command line. */
export function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}
