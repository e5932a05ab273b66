import { isMissing } from './isolation-report';
import type { Attempt } from './probe';

/** Something that keeps runs from a stronger level, and what would take it away. */
export interface Obstacle {
  /** The levels that need it gone. */
  readonly levels: readonly string[];
  readonly expected: string;
  readonly seen: string;
  readonly advice: string;
}

type Explained = Omit<Obstacle, 'levels'>;

const CGROUP_ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'start the service in a cgroup that is delegated to its user (systemd: Delegate=yes), or as root',
  EPERM: 'start the service in a cgroup that is delegated to its user (systemd: Delegate=yes), or as root',
  EROFS: 'mount /sys/fs/cgroup writable in this container, with a cgroup namespace of its own',
  ENOENT: 'use Linux 5.14 or newer, which can kill a cgroup as a whole',
};

const NAMESPACE_ADVICE =
  'run as root, or allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, ' +
  'kernel.apparmor_restrict_unprivileged_userns; in a container its seccomp profile and CAP_SYS_ADMIN)';

/** Why each stronger level is not had, cause by cause; one that keeps from two levels is named once. */
export function obstaclesOf(attempts: readonly Attempt[]): readonly Obstacle[] {
  const found = new Map<string, Obstacle>();
  for (const { level, evidence } of attempts.filter(isMissing)) {
    for (const cause of causesOf(evidence)) {
      const known = found.get(cause.advice);
      found.set(cause.advice, { ...(known ?? cause), levels: [...new Set([...(known?.levels ?? []), level])] });
    }
  }
  return [...found.values()];
}

function causesOf(evidence: string): readonly Explained[] {
  const causes = [missingPrograms(evidence), missingCgroups(evidence), refusedCgroup(evidence)].filter(
    (cause) => cause !== null,
  );
  return causes.length > 0 ? causes : [refusedTrial(evidence)];
}

/** The trial ran and failed, which is the kernel's doing, or that of a machine with no time for it. */
function refusedTrial(seen: string): Explained {
  const isPassing = /^(timeout|resource_exhausted|killed_externally)/.test(seen);
  const advice = isPassing ? 'look again when the machine has less to do' : NAMESPACE_ADVICE;
  return { expected: 'a trial command to end as it should', seen, advice };
}

function missingPrograms(evidence: string): Explained | null {
  const names = /not found: ([^(]+) \(/.exec(evidence)?.[1];
  if (names === undefined) return null;
  return { expected: names, seen: 'no such program', advice: 'install the packages util-linux and coreutils' };
}

function missingCgroups(evidence: string): Explained | null {
  if (!evidence.includes('no cgroup v2 hierarchy')) return null;
  return { expected: 'cgroup v2', seen: 'none mounted', advice: 'mount it (type cgroup2) at /sys/fs/cgroup' };
}

function refusedCgroup(evidence: string): Explained | null {
  const [, parent, code] = /no cgroup can be made under (.+?): (E[A-Z]+)/.exec(evidence) ?? [];
  if (parent === undefined || code === undefined) return null;
  const advice = CGROUP_ADVICE[code] ?? CGROUP_ADVICE['EACCES'] ?? '';
  return { expected: `a cgroup that can be made under ${parent}`, seen: code, advice };
}
