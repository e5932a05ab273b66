import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports 100 ticks a second to user space on every architecture. */
const MS_PER_TICK = 10;
/** How often memory is looked at. */
const SAMPLE_MS = 500;

/** CPU time of a process and of its children that have been waited for, ms. 0 when it is gone. */
export function cpuMs(pid) {
  const fields = statOf(pid);
  if (!fields) return 0;
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK;
}

/** CPU time of a process and everything below it, the dead included as far as their parents live, ms. */
export function treeCpuMs(pid) {
  return tree(pid).reduce((sum, member) => sum + cpuMs(member), 0);
}

/** Memory, MB: `rss` as the process sees it, `pss` with shared pages divided among their users. */
export function memoryMb(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name) =>
    Math.round((Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024) * 10) / 10;
  return { rss: of('Rss'), pss: of('Pss') };
}

/** What a process takes of memory, MB, from now until `stop`. */
export function sampledMemory(pid) {
  const samples = [memoryMb(pid).rss];
  const timer = setInterval(() => samples.push(memoryMb(pid).rss), SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return samples;
    },
  };
}

function tree(root) {
  const children = new Map();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statOf(name)?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const members = [Number(root)];
  for (const member of members) members.push(...(children.get(member) ?? []));
  return members;
}

/** Fields from the state on; the name before it may hold anything. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // Processes come and go between listing and reading.
    return null;
  }
}
