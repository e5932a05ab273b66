import type { IsolationLevel, RunResult, ToolErrorReason } from '../../../application/ports/process-runner';
import { cgroupOf, makeCgroup, ownCgroup, removeCgroup } from './cgroup';
import { findProgram } from '../launch/find-program';
import type { Isolation } from './isolation';
import {
  cgroupIsolation,
  cookieIsolation,
  fullIsolation,
  GROUP_ISOLATION,
  namespaceIsolation,
  type NamespaceTools,
} from './levels';
import type { ProcScanner } from '../proc/proc-scan';
import { hasProc } from '../proc/proc-table';
import { wordsOf } from '../../../domain/within-sentence';

/** One level that was tried, or could not even be tried. */
export interface Attempt {
  readonly level: IsolationLevel;
  readonly isUsable: boolean;
  /** Why not; empty when it is. */
  readonly evidence: string;
}

export interface Probed {
  /** The strongest that works. */
  readonly isolation: Isolation;
  /** Strongest first, down to the one that worked. */
  readonly attempts: readonly Attempt[];
}

export interface ProbeDeps {
  readonly scanner: ProcScanner;
  /** Runs one small command by a level's whole launch line; expected to end with `PROBE_EXIT_CODE`. */
  readonly trial: (isolation: Isolation) => Promise<RunResult>;
  readonly path: string | undefined;
  /** What runs are not to see, where a level can hide it. */
  readonly hidden?: readonly string[];
}

/** An exit code that nothing on the way to the command ends with. */
export const PROBE_EXIT_CODE = 42;

/** What a crowded machine does to a trial says nothing about the level, and the level is for the life of the service. */
const PASSING: ReadonlySet<ToolErrorReason> = new Set([
  'timeout',
  'timeout_starved',
  'resource_exhausted',
  'killed_externally',
]);
const TRIES = 3;

/** A level, or why it cannot even be tried. */
export type Candidate = Isolation | { readonly level: IsolationLevel; readonly obstacle: string };

/** Finds the strongest level by running a real command: versions and permissions only hint at what a kernel allows. */
export async function probeIsolation(deps: ProbeDeps): Promise<Probed> {
  const attempts: Attempt[] = [];
  for (const candidate of await candidates(deps)) {
    const evidence = 'obstacle' in candidate ? candidate.obstacle : await tried(candidate, deps);
    attempts.push({ level: candidate.level, isUsable: evidence === '', evidence });
    if (evidence === '' && !('obstacle' in candidate)) return { isolation: candidate, attempts };
  }
  return { isolation: GROUP_ISOLATION, attempts };
}

async function tried(isolation: Isolation, { trial }: ProbeDeps): Promise<string> {
  let evidence = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const result = await trial(isolation);
    evidence = objection(result);
    if (result.kind === 'executed' || !PASSING.has(result.reason)) return evidence;
  }
  return evidence;
}

/** Every level that could be, strongest first; one level may come twice, with other tools. */
export async function candidates({
  scanner,
  path,
  hidden = [],
}: Pick<ProbeDeps, 'scanner' | 'path' | 'hidden'>): Promise<readonly Candidate[]> {
  if (!hasProc()) return [GROUP_ISOLATION];
  const [place, tools] = [await cgroupPlace(), namespaceTools(path, hidden)];
  const missing = (level: IsolationLevel, ...of: readonly object[]): readonly Candidate[] => [
    { level, obstacle: of.flatMap((found) => ('obstacle' in found ? [found.obstacle] : [])).join('; ') },
  ];
  return [
    ...('parent' in place && 'choices' in tools
      ? tools.choices.map((choice) => fullIsolation(scanner, choice, place.parent))
      : missing('L3-both', place, tools)),
    ...('choices' in tools
      ? tools.choices.map((choice) => namespaceIsolation(scanner, choice))
      : missing('L2-pidns', tools)),
    ...('parent' in place ? [cgroupIsolation(scanner, place.parent)] : missing('L2-cgroup', place)),
    cookieIsolation(scanner),
    GROUP_ISOLATION,
  ];
}

/** Whether cgroups can be made and killed where this process is. */
async function cgroupPlace(): Promise<{ readonly parent: string } | { readonly obstacle: string }> {
  const parent = ownCgroup();
  if (parent === null) return { obstacle: 'no cgroup v2 hierarchy is mounted' };
  const trial = cgroupOf(parent, `probe-${process.pid}`);
  try {
    makeCgroup(trial);
    return { parent };
  } catch (error) {
    return { obstacle: `no cgroup can be made under ${parent}: ${wordsOf(error)}` };
  } finally {
    await removeCgroup(trial);
  }
}

function namespaceTools(
  path: string | undefined,
  hidden: readonly string[],
): { readonly choices: readonly NamespaceTools[] } | { readonly obstacle: string } {
  const names = ['setpriv', 'unshare', 'setsid', 'env', 'sleep'] as const;
  const [setpriv, unshare, setsid, env, sleep] = names.map((name) => findProgram(name, path));
  if (!setpriv || !unshare || !setsid || !env || !sleep) {
    const missing = names.filter((name) => !findProgram(name, path)).join(', ');
    return { obstacle: `not found: ${missing} (packages util-linux and coreutils)` };
  }
  const tools = { setpriv, unshare, setsid, env, sleep };
  const plain = mappings().map((mapping) => ({ ...tools, mapping, hiding: null }));
  return { choices: [...hidingChoices(tools, hidden, findProgram('mount', path)), ...plain] };
}

/**
 * Hiding takes a capability, which is given up before the command starts. Root keeps it: suites of root mount things themselves.
 * What `unshare` or `setpriv` do not know of this shows in the trial, and then nothing is hidden.
 */
function hidingChoices(
  tools: Omit<NamespaceTools, 'mapping' | 'hiding'>,
  paths: readonly string[],
  mount: string | null,
): readonly NamespaceTools[] {
  if (paths.length === 0 || mount === null) return [];
  if (process.getuid?.() === 0) return [{ ...tools, mapping: [], hiding: { paths, mount, dropping: [] } }];
  const { setpriv } = tools;
  const own = [setpriv, '--ambient-caps=-all', '--inh-caps=-all', '--'];
  const mapped = [setpriv, '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', '--'];
  return [
    { ...tools, mapping: ['--user', '--map-current-user', '--keep-caps'], hiding: { paths, mount, dropping: own } },
    { ...tools, mapping: ['--user', '--map-root-user'], hiding: { paths, mount, dropping: mapped } },
  ];
}

/** Root needs no user namespace. Others keep their user in it where `unshare` knows how, and are shown as root elsewhere. */
function mappings(): readonly (readonly string[])[] {
  if (process.getuid?.() === 0) return [[]];
  return [
    ['--user', '--map-current-user'],
    ['--user', '--map-root-user'],
  ];
}

function objection(result: RunResult): string {
  if (result.kind === 'tool_error') return `${result.reason}: ${result.evidence.join('; ')}`;
  if (result.exitCode !== PROBE_EXIT_CODE) return `the trial command ended with exit code ${result.exitCode}`;
  return result.survivors > 0 ? 'the trial command left processes behind' : '';
}
