import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize, withRatios } from '../lib/validity.mjs';

const cpu = { total: 100 };
const run = (engine, tps, more = {}) => ({
  type: 'run',
  engine,
  C: 1,
  tps,
  valid: true,
  cpu_us: cpu,
  lat_ms: {},
  pss_mb: {},
  ...more,
});
const control = (tps) => run('floor', tps);
const judge = (runs, sharing = []) => withRatios(runs, 'floor', new Set(sharing));

test('a ratio is taken to the mean of the two nearest controls', () => {
  const [, judged] = judge([control(100), run('a', 60), control(140), control(100)]);
  assert.equal(judged.ratio, 0.5);
  assert.deepEqual(judged.ctl, { before: 100, after: 140 });
});

test('controls that differ more than twofold give no ratio', () => {
  const [, judged] = judge([control(100), run('a', 60), control(201)]);
  assert.equal(judged.ratio, null);
  assert.equal(judged.why_no_ratio, 'noisy');
});

test('controls that agree and are far below the others give no ratio', () => {
  const [, judged] = judge([control(40), run('a', 60), control(45), control(100), control(100), control(100)]);
  assert.equal(judged.why_no_ratio, 'slow machine');
});

test('an engine that shares no commits cannot beat the control', () => {
  const runs = [control(100), run('a', 130), control(100)];
  assert.equal(judge(runs)[1].why_no_ratio, 'impossible');
  assert.equal(judge(runs, ['a'])[1].ratio, 1.3);
});

test('a run that failed its check has no ratio', () => {
  const [, judged] = judge([control(100), run('a', 60, { valid: false }), control(100)]);
  assert.equal(judged.ratio, null);
});

test('controls of another number of callers do not count', () => {
  const other = { ...control(1000), C: 8 };
  const judged = judge([control(100), run('a', 60), other, control(100)]).find(({ engine }) => engine === 'a');
  assert.equal(judged.ratio, 0.6);
});

test('fewer than three judged cells are too noisy', () => {
  const cells = (count) => Array.from({ length: count }, () => run('a', 60, { ratio: 0.6, cpu_ratio: 1 }));
  assert.equal(summarize([...cells(2), run('a', 60, { ratio: null })]).isTooNoisy, true);
  assert.equal(summarize(cells(3)).isTooNoisy, false);
});
