// Loaded by every replica before the program: a claim ends 10 s after it was made, instead of minutes. Only so can a run of
// some minutes stop a worker for longer than its claim is worth. Everything else is the built program.
const job = require('../../dist/domain/task/job.js');

for (const name of ['maxDurationMs', 'CLAIM_MARGIN_MS'])
  if (!(name in job)) throw new Error(`short-claims.cjs: expected ${name} in dist/domain/task/job.js, saw none`);
job.maxDurationMs = () => 8_000;
job.CLAIM_MARGIN_MS = 2_000;
