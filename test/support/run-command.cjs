// A program of its own that runs one command: `run-command.cjs <folder> <command…>`. Prints the result as JSON; without a
// command it prints what isolation there is. For tests
// that need a runner under another user, under limits, or one that can be killed. Runs dist/, which starts fast.
const { execFileSync } = require('node:child_process');
const { createProcessRunner } = require('../../dist/infrastructure/processes/create-process-runner.js');
const { isolationReport } = require('../../dist/infrastructure/processes/isolation/isolation-report.js');
const { candidates } = require('../../dist/infrastructure/processes/isolation/probe.js');
const { ProcScanner } = require('../../dist/infrastructure/processes/proc/proc-scan.js');
const { ProcWorkerHost } = require('../../dist/infrastructure/processes/proc/proc-worker-host.js');

async function main([folder, command, ...args]) {
  const worker = new ProcWorkerHost().self;
  const level = process.env.RUN_COMMAND_LEVEL;
  const all = level ? await candidates({ scanner: new ProcScanner(), path: process.env.PATH }) : [];
  const isolation = level && (() => all.find((each) => each.level === level && !each.obstacle));
  const runner = createProcessRunner({ stateDir: `${folder}/state`, worker, treeKill: true, isolation });
  if (command === undefined) {
    process.stdout.write(JSON.stringify(isolationReport(await runner.probed())));
    return;
  }
  const runId = `run-${process.pid}`;
  const env = { PATH: process.env.PATH };
  const spec = { runId, cookie: runId, command, args, env, cwd: folder, timeoutMs: 60_000, graceMs: 500 };
  if (process.env.RUN_COMMAND_MINIMUM !== undefined) spec.minIsolation = process.env.RUN_COMMAND_MINIMUM;
  if (process.env.RUN_COMMAND_LIMIT !== undefined) {
    // After a first run: this process needs its own threads, which count as well.
    await runner.run({ ...spec, command: 'true', args: [] });
    execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=0']);
  }
  // For whoever wants to kill this process at a moment of its run.
  if (process.env.RUN_COMMAND_READY !== undefined) process.stdout.write('ready\n');
  process.stdout.write(JSON.stringify({ ...(await runner.run(spec)), output: null }));
}

void main(process.argv.slice(2));
