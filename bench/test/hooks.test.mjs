import assert from 'node:assert/strict';
import { test } from 'node:test';
import { twiceShuffled } from '../lib/deliveries.mjs';
import { hooks } from '../suites/hooks.mjs';
import { judgeTargets } from '../lib/targets.mjs';

test('each delivery comes twice, in an order that is the same each time', () => {
  const once = Array.from({ length: 50 }, (_, index) => index);
  const twice = twiceShuffled(once);
  assert.deepEqual(twice, twiceShuffled(once));
  assert.notDeepEqual(twice, [...once, ...once]);
  assert.deepEqual(
    [...twice].sort((a, b) => a - b),
    [...once, ...once].sort((a, b) => a - b),
  );
});

test('webhooks are recorded once and taken to their tasks, in a storm and in a burst', async () => {
  const records = [];
  const job = { storm: { distinct: 300, seconds: 3 }, burst: { distinct: 300, connections: 8 } };
  await hooks.run(job, (record) => records.push(record));
  const measured = records.filter(({ type }) => type !== 'unavailable');
  assert.ok(measured.length >= 2);
  for (const record of measured) {
    assert.equal(record.valid, true, JSON.stringify(record));
    assert.deepEqual([record.events, record.evidence, record.refused], [300, 150, 0]);
  }
  assert.ok(judgeTargets(records).length >= 1);
});
