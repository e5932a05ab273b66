// One run in a process of its own: `node bench/one.mjs '<job>'` prints one result record as a JSON line.
import { removeFolder, workFolder } from './lib/machine.mjs';
import { serverCpuUs } from './lib/fresh-databases.mjs';
import { runDriver } from './lib/run-driver.mjs';

process.env.NODE_ENV = 'production';
const job = JSON.parse(process.argv[2] ?? '{}');
const dir = workFolder();
try {
  const { create } = await import(`./drivers/${job.driver}.mjs`);
  const payload = { k: 1, actor: 'x'.repeat(Math.max(0, job.payloadBytes - '{"k":1,"actor":""}'.length)) };
  const cpuOf = job.serverPid ? () => ({ postgres: serverCpuUs(job.serverPid) }) : undefined;
  const record = await runDriver(create({ ...job, dir }), { ...job, payload, cpuOf });
  process.stdout.write(`${JSON.stringify(record)}\n`);
} finally {
  removeFolder(dir);
}
