import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { postgresBinaries } from '../support/postgres-binaries';
import type { ProcessYard } from '../support/process-yard';
import type { AdversarialCase } from './cases';

/** The server refuses root: then it runs as an account without rights, inside the run all the same. */
const ORDINARY = process.getuid?.() === 0 ? 'setpriv --reuid=65534 --regid=65534 --clear-groups ' : '';

/** A suite that starts a database server and ends without stopping it. `skipped` says why that cannot be tried here. */
export async function postgresCase(
  yard: ProcessYard,
): Promise<{ extra: readonly AdversarialCase[]; skipped: string | null }> {
  const scratch = join(yard.root, 'pg');
  const data = join(scratch, 'data');
  try {
    mkdirSync(scratch);
    chmodSync(yard.root, 0o755);
    chmodSync(scratch, 0o777);
    const bin = postgresBinaries(scratch);
    const made = await yard.run(`${ORDINARY}${bin}/initdb -D ${data} -A trust --no-sync >&2`, { timeoutMs: 60_000 });
    if (made.kind !== 'executed' || made.exitCode !== 0)
      throw new Error(Buffer.from(made.output.stderr.tail).toString());
    execFileSync(`${bin}/postgres`, ['--version']);
    const options = `-F -c listen_addresses= -c unix_socket_directories=${scratch}`;
    const ready = `until ${bin}/pg_isready -q -h ${scratch} -t 1; do sleep 0.02; done`;
    const start = `${ORDINARY}${bin}/postgres -D ${data} ${options} >&2 &`;
    // `pg_ctl` gives the server a session of its own; not every distribution has it.
    const script = `if [ -x ${bin}/pg_ctl ]; then ${ORDINARY}${bin}/pg_ctl -D ${data} -o '${options}' -w start >/dev/null 2>&1; else (setsid ${start}); sleep 1; fi
if [ -x ${bin}/pg_isready ]; then ${ready}; fi; exit 6`;
    const server: AdversarialCase = {
      name: 'a PostgreSQL left running',
      script,
      exitCode: 6,
      alsoTrue: ({ leaked, containment }) => leaked > 0 || containment === 'best-effort',
      escapesBelowL2: true,
    };
    return { extra: [server], skipped: null };
  } catch (error) {
    return { extra: [], skipped: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}
