import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareStreams } from '../lib/expected-streams.mjs';
import { runDriver } from '../lib/run-driver.mjs';
import { latencies } from '../lib/stats.mjs';

const acknowledged = new Map([['a', 3]]);
const compare = (revisions) => compareStreams(acknowledged, new Map([['a', revisions]]));

test('a whole stream is in order', () => {
  assert.deepEqual(compare([1, 2, 3]), { streams: 1, gaps: 0, lost: 0, doubled: 0 });
});

test('an acknowledged transition that is not stored is lost', () => {
  assert.equal(compare([1, 2]).lost, 1);
  assert.equal(compareStreams(acknowledged, new Map()).lost, 3);
});

test('a transition that is stored twice is doubled', () => {
  assert.equal(compare([1, 2, 2, 3]).doubled, 1);
});

test('a missing or misplaced revision is a gap', () => {
  assert.ok(compare([1, 3, 4]).gaps > 0);
  assert.ok(compare([2, 1, 3]).gaps > 0);
});

/** Keeps everything in memory, except for what `forget` says. */
function memoryDriver(forget) {
  const stored = new Map();
  let ctx;
  return {
    name: 'memory',
    version: () => '1',
    start: async (given) => (ctx = given),
    async task(id) {
      stored.set(id, []);
      for (let k = 1; k <= ctx.stages; k += 1) {
        ctx.stepStart(id, k);
        if (!forget(k)) stored.get(id).push(k);
        await null;
        ctx.done(id, k);
      }
    },
    verify: async () => compareStreams(ctx.acknowledged, stored),
    stop: async () => undefined,
  };
}

const workload = { C: 2, workload: 'test', payload: {}, window: { warmupMs: 5, windowMs: 20 } };

test('a run of an engine that keeps its word is valid', async () => {
  const record = await runDriver(
    memoryDriver(() => false),
    workload,
  );
  assert.equal(record.why_invalid, null);
  assert.equal(record.valid, true);
  assert.ok(record.tps > 0);
  assert.ok(record.cpu_us.total > 0);
});

test('a run of an engine that forgets something is not', async () => {
  const record = await runDriver(
    memoryDriver((k) => k === 8),
    workload,
  );
  assert.equal(record.valid, false);
  assert.match(record.why_invalid, /lost/);
});

test('a p99 of too few values is not published', () => {
  assert.equal(latencies(Array(499).fill(1)).p99, null);
  assert.equal(latencies(Array(500).fill(1)).p99, 1);
});
