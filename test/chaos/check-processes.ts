import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Alive processes that work in the folder or were started with it in their environment, other than the replicas. */
export function leftRunning(folder: string, replicas: ReadonlySet<number>): string[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || replicas.has(Number(name))) return [];
    try {
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      const isOurs = cwd.startsWith(folder) || readFileSync(`/proc/${name}/environ`, 'latin1').includes(folder);
      if (!isOurs) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command === '' ? [] : [`${name} in ${cwd}: ${command}`];
    } catch {
      return []; // It ended meanwhile, or is a zombie, which works nowhere.
    }
  });
}
