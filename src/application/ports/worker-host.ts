/** Who this process is, and which other workers are certainly gone. */
export abstract class WorkerHost {
  /** Unique to this process: host, boot, pid namespace, pid and start time. */
  abstract readonly self: string;
  /** True only on proof: same host, and another boot or no process with that pid and start time. */
  abstract isProvablyDead(worker: string): boolean;
}
