import { hostname } from 'node:os';
import { WorkerHost } from '../../../application/ports/worker-host';
import { bootId, hasProc, isAlive, pidNamespace, readStat } from './proc-table';

const SEPARATOR = '/';

/** Workers by host, boot, pid namespace, pid and start time, as /proc tells them: one name per process, never reused. */
export class ProcWorkerHost extends WorkerHost {
  readonly self: string;
  private readonly host = hostname();
  private readonly boot = bootId();
  private readonly namespace = pidNamespace();

  /** @param hasNamespaces whether two processes of this system may have the same pid at once. */
  constructor(private readonly hasNamespaces = process.platform === 'linux') {
    super();
    const startTicks = readStat('self')?.startTicks ?? 0;
    this.self = [this.host, this.boot, this.namespace, process.pid, startTicks].join(SEPARATOR);
  }

  /** @returns the process of a worker that lives and can be seen from here; null for any other. */
  pidOf(worker: string): number | null {
    const [host, boot, namespace, pid, startTicks] = worker.split(SEPARATOR);
    if (host !== this.host || boot !== this.boot || namespace !== this.namespace || namespace === '') return null;
    const stat = readStat(Number(pid));
    return isAlive(stat) && stat.startTicks === Number(startTicks) ? stat.pid : null;
  }

  isProvablyDead(worker: string): boolean {
    const [host, boot, namespace, pid, startTicks, ...rest] = worker.split(SEPARATOR);
    if (rest.length > 0 || startTicks === undefined || host !== this.host) return false;
    // An empty one was not to be seen, by it or by us, and proves nothing.
    if (boot !== this.boot && boot !== '' && this.boot !== '') return true;
    // Pids of another namespace cannot be looked up here; only its boot proves anything.
    if (namespace !== this.namespace) return false;
    if (!hasProc()) return !this.hasNamespaces && isNobodys(Number(pid));
    const stat = readStat(Number(pid));
    return !isAlive(stat) || stat.startTicks !== Number(startTicks);
  }
}

/** Without /proc a pid that somebody has may be anybody's; one that nobody has is proof. */
function isNobodys(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
