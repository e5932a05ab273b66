import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInChild } from '../lib/child.mjs';
import { runner } from '../suites/runner.mjs';

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

test('the tools that run commands are told apart by what they leave behind', async () => {
  const records = [];
  const options = { rounds: 1, only: ['exit 0, child holds stdout'], overheadRounds: 1 };
  await runner.run(options, (record) => records.push(record));
  const { results } = records.find(({ type }) => type === 'runner-case');
  const costs = records.filter(({ type }) => type.startsWith('overhead-'));
  const [execa, , , weakest, best] = results;
  assert.deepEqual([execa.survivors, execa.hangs + execa.wrong], [[1], 1]);
  for (const { survivors, hangs, wrong } of [weakest, best]) assert.deepEqual([survivors, hangs, wrong], [[0], 0, 0]);
  assert.equal(costs.length, 5);
});
