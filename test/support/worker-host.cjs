// A program of its own that says who it is, or whether workers are dead: `worker-host.cjs [<worker>…]`. For tests that need
// the answer in another world than their own: without /proc, for example. Runs dist/.
const { ProcWorkerHost } = require('../../dist/infrastructure/processes/proc/proc-worker-host.js');

// As on systems that have neither /proc nor pid namespaces.
const host = process.env.NO_NAMESPACES ? new ProcWorkerHost(false) : new ProcWorkerHost();
const [command, ...workers] = process.argv.slice(2);
const answer = command === 'dead' ? workers.map((worker) => host.isProvablyDead(worker)) : host.self;
process.stdout.write(`${JSON.stringify(answer)}\n`);
if (command === 'live') process.stdin.resume();
