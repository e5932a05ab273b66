import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInChild } from '../lib/child.mjs';

const JOB = { C: 2, workload: 'test', payloadBytes: 300, files: true, window: { warmupMs: 10, windowMs: 50 } };

for (const driver of ['file', 'sqlite', 'store', 'service']) {
  test(`${driver} runs, and what it stored is what it acknowledged`, async () => {
    const record = await runInChild('one.mjs', { ...JOB, driver });
    assert.equal(record.why_invalid, null);
    assert.ok(record.transitions > 0);
  });
}

test('one staging run is measured against a real repository', async () => {
  const record = await runInChild('staging.mjs', { runs: 2 });
  assert.equal(record.why_invalid, null);
  assert.equal(record.runs, 2);
  assert.ok(record.overhead_ms < record.saga_ms);
});
