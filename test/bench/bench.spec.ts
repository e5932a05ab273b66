import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../../bench/test');
const LIMIT_MS = 120_000;

test(
  'the benchmark judges by its rules, and its drivers keep what they acknowledge',
  () => {
    // The benchmark is plain modules of Node, which Jest cannot load.
    const { status, stdout } = spawnSync(process.execPath, ['--test', FOLDER], { encoding: 'utf8' });
    expect(status === 0 ? '' : stdout).toBe('');
  },
  LIMIT_MS,
);
