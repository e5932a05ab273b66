import { hostname } from 'node:os';
import { WorkerHost } from '../../application/ports/worker-host';
import { bootId, isAlive, pidNamespace, readStat } from './proc-table';

const SEPARATOR = '/';

/** Workers by host, boot, pid namespace, pid and start time, as /proc tells them: one name per process, never reused. */
export class ProcWorkerHost extends WorkerHost {
  readonly self: string;
  private readonly place = [hostname(), bootId(), pidNamespace()];

  constructor() {
    super();
    this.self = [...this.place, process.pid, readStat('self')?.startTicks ?? 0].join(SEPARATOR);
  }

  isProvablyDead(worker: string): boolean {
    const [host, boot, namespace, pid, startTicks, ...rest] = worker.split(SEPARATOR);
    if (rest.length > 0 || startTicks === undefined || host !== this.place[0]) return false;
    if (boot !== this.place[1]) return true;
    // Pids of another namespace cannot be looked up here; only its boot proves anything.
    if (namespace !== this.place[2]) return false;
    const stat = readStat(Number(pid));
    return !isAlive(stat) || stat.startTicks !== Number(startTicks);
  }
}
