import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Pids of the processes that work somewhere under a folder: found by none of the means that the tools use. */
export function residentsOf(folder) {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      return cwd === folder || cwd.startsWith(`${folder}/`) ? [Number(name)] : [];
    } catch {
      // It ended meanwhile, or it is a zombie, which works nowhere.
      return [];
    }
  });
}

/** Kills them until there are none. Takes their files away first: one that starts itself anew all the time could be missed. */
export function killResidents(folder) {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  for (let found = residentsOf(folder); found.length > 0; found = residentsOf(folder)) {
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended meanwhile.
      }
    }
  }
}
