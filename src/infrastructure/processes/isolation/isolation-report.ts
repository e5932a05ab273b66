import type { IsolationLevel } from '../../../application/ports/process-runner';
import type { Attempt, Probed } from './probe';
import { read } from '../proc/proc-table';

/** A stronger level that this machine does not give. */
export interface MissingLevel {
  readonly level: IsolationLevel;
  readonly obstacle: string;
  /** One thing to do about it, in one line. */
  readonly fix: string;
}

/** How well runs are contained here, for people. */
export interface IsolationReport {
  readonly level: IsolationLevel;
  readonly containment: 'contained' | 'best-effort';
  /** Strongest first; empty at the strongest level. */
  readonly missing: readonly MissingLevel[];
}

/** Text of a kernel setting; null where there is no such setting. */
export type ReadSetting = (name: string) => string | null;

const CONTAINER = 'in a container: docker run --security-opt seccomp=unconfined --cap-add SYS_ADMIN';
const SWITCH = 'switch subprocessTreeKill on; stagegate switch says who has it off';

/** Settings that forbid user namespaces: the value that does, and the command that lifts it. */
const FORBIDDING = [
  {
    name: 'kernel/apparmor_restrict_unprivileged_userns',
    forbids: '1',
    fix: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
  { name: 'kernel/unprivileged_userns_clone', forbids: '0', fix: 'sysctl -w kernel.unprivileged_userns_clone=1' },
  { name: 'user/max_user_namespaces', forbids: '0', fix: 'sysctl -w user.max_user_namespaces=10000' },
] as const;

const readKernelSetting: ReadSetting = (name) => read(`/proc/sys/${name}`)?.trim() ?? null;

/** What the probe found, with a way to the next better level for each that is missing. */
export function isolationReport(
  { isolation, attempts }: Probed,
  setting: ReadSetting = readKernelSetting,
): IsolationReport {
  const { level, containment } = isolation;
  if (level === 'none') {
    return { level, containment, missing: [{ level: 'L1-cookie', obstacle: 'the tree kill is off', fix: SWITCH }] };
  }
  // A level may have been tried in several ways; the last word is that of the way that asks for the least.
  const obstacles = new Map(attempts.filter(isMissing).map((one) => [one.level, one.evidence]));
  const missing = [...obstacles].map(([missed, obstacle]) => ({
    level: missed,
    obstacle,
    fix: fixOf(missed, obstacle, setting),
  }));
  return { level, containment, missing };
}

/** Not one that failed in one way and works in another. */
export function isMissing({ level }: Attempt, _: number, attempts: readonly Attempt[]): boolean {
  return !attempts.some((other) => other.isUsable && other.level === level);
}

function fixOf(level: IsolationLevel, obstacle: string, setting: ReadSetting): string {
  if (/no cgroup v2/.test(obstacle))
    return 'boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none <folder>';
  if (/cgroup\.kill/.test(obstacle)) return 'a kernel of 5.14 or newer, which can kill a cgroup as a whole';
  if (/no cgroup can be made/.test(obstacle)) {
    return 'let the service write to its cgroup: Delegate=yes in its systemd unit, or a writable /sys/fs/cgroup in its container';
  }
  const [, programs] = /not found: ([\w, ]+) \(/.exec(obstacle) ?? [];
  if (programs)
    return `install ${programs}: apt-get install util-linux coreutils, or apk add util-linux coreutils setpriv`;
  if (/default-signal/.test(obstacle)) return 'install GNU coreutils: env has to know --default-signal';
  if (level === 'L1-cookie') return 'mount /proc: mount -t proc proc /proc';
  return FORBIDDING.find(({ name, forbids }) => setting(name) === forbids)?.fix ?? CONTAINER;
}
