// Landings in a running service, in a process of its own: `node bench/landing.mjs '<job>'` prints one record.
import { LANDING_PHASES } from './lib/landing-phases.mjs';
import { fileSystemOf, load1, removeFolder, workFolder } from './lib/machine.mjs';

const job = JSON.parse(process.argv[2] ?? '{}');
const dir = workFolder(job.place);
const before = load1();
try {
  const record = await LANDING_PHASES[job.phase](dir, job);
  process.stdout.write(
    `${JSON.stringify({ type: job.phase, ...record, data_fs: fileSystemOf(dir), load1: [before, load1()] })}\n`,
  );
} finally {
  removeFolder(dir);
}
