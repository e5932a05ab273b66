import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInChild } from '../lib/child.mjs';
import { landStarts } from '../lib/land-starts.mjs';
import { fileSystemOf, hasMemoryFolder } from '../lib/machine.mjs';
import { ROOT } from '../lib/product.mjs';
import { gates } from '../suites/gates.mjs';
import { judgeTargets } from '../lib/targets.mjs';

for (const phase of ['landing-small', 'landing-large', 'landing-many'])
  test(`${phase}: every branch lands, and there is a ratio to judge`, async () => {
    const record = await runInChild('landing.mjs', { phase, files: 3, landings: 2 });
    assert.equal(record.why_invalid, null);
    assert.equal(record.landings, 2);
    assert.ok(record.ratio > 0, JSON.stringify(record));
    assert.ok((record.landing_cpu_ms ?? record.last_cpu_ms) > 0, JSON.stringify(record));
    assert.equal(judgeTargets([record]).length, 1);
  });

test('a checkout by hand is part of the floor in a large tree only', async () => {
  const job = { files: 3, landings: 1 };
  const small = await runInChild('landing.mjs', { phase: 'landing-small', ...job });
  const large = await runInChild('landing.mjs', { phase: 'landing-large', ...job });
  assert.equal(small.floor_ms, small.rebase_ms);
  assert.ok(large.floor_ms > large.rebase_ms);
});

test('a start of `land` ends at its first event, long before the end of it all', async () => {
  const record = await landStarts(1);
  assert.equal(record.why_invalid, null);
  assert.ok(record.start_ms > 0 && record.start_ms < record.whole_ms);
});

test('gates are measured beside the same landings without them', async () => {
  const records = [];
  await gates.run({ gates: { files: 3, landings: 2 } }, (record) => records.push(record));
  const places = [fileSystemOf(ROOT), ...(hasMemoryFolder() ? ['tmpfs'] : [])];
  assert.deepEqual(
    records.map(({ data_fs: fs }) => fs),
    places,
  );
  for (const record of records) {
    assert.equal(record.why_invalid, null);
    assert.ok(record.gated_ms > 0 && record.plain_ms > 0, JSON.stringify(record));
  }
  assert.equal(judgeTargets(records).length, places.length);
});
