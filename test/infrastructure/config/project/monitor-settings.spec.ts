import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_DEFAULTS, DEFAULT_SUITE_ENV } from '../../../../src/infrastructure/config/project/policy-defaults';
import { readProjectFile } from '../../../../src/infrastructure/config/project/load-projects';
import { NodeHasher } from '../../../../src/infrastructure/system/node-hasher';

const folder = mkdtempSync(join(tmpdir(), 'stagegate-monitor-settings-'));
const file = join(folder, 'stagegate.yml');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function monitor(text: string) {
  writeFileSync(file, `projects:\n  web:\n    repo: web.git\n    staging: { suite: npm test }\n    monitor: ${text}\n`);
  return readProjectFile(file, new NodeHasher(), BUILT_IN_DEFAULTS)[0]?.project.policy.monitor;
}

test('is a command or a URL, and has a default for everything else', () => {
  const rest = { everyMs: 30_000, forMs: 600_000, timeoutMs: 10_000, failures: 3 };
  expect(monitor('{ command: ./health.sh }')).toEqual({
    check: { kind: 'command', command: './health.sh', graceMs: 10_000, env: DEFAULT_SUITE_ENV },
    ...rest,
  });
  expect(monitor('{ url: https://web.example/health }')).toEqual({
    check: { kind: 'url', url: 'https://web.example/health' },
    ...rest,
  });
  expect(
    monitor('{ url: "http://10.0.0.7:8080/?deep", expect: [200, 301], every: 5s, for: 1m, timeout: 2s, failures: 1 }'),
  ).toEqual({
    check: { kind: 'url', url: 'http://10.0.0.7:8080/?deep', expect: [200, 301] },
    everyMs: 5_000,
    forMs: 60_000,
    timeoutMs: 2_000,
    failures: 1,
  });
  expect(monitor('{ command: [curl, -f, x], env: [PATH], grace: 1s }')?.check).toEqual({
    kind: 'command',
    command: ['curl', '-f', 'x'],
    graceMs: 1_000,
    env: ['PATH'],
  });
});

test.each([
  ['{ every: 1m }', 'command: expected either command or url, saw neither; correct it'],
  ['{ command: x, url: https://web.example }', 'url: expected either command or url, saw both; correct it'],
  ['{ command: x, expect: [200] }', 'expect: expected url beside it, saw command, whose exit code decides; correct it'],
  ['{ url: https://web.example, grace: 1s }', 'grace: expected command beside it, saw url; correct it'],
  [
    '{ url: https://web.example, env: [PATH] }',
    'env: expected command beside it, saw url, which gets no variables; correct it',
  ],
  ['{ url: ftp://web.example }', 'url: expected a URL of http or https, saw one of ftp:; correct it'],
  ['{ url: file:///etc/passwd }', 'url: expected a URL of http or https, saw one of file:; correct it'],
  [
    '{ url: "https://web.example/#top" }',
    'url: expected a URL without a fragment, which no server gets, saw one with it; correct it',
  ],
  [
    '{ url: https://ann:s3cret@web.example }',
    'url: expected a URL without a user and a password, saw one with them; correct it',
  ],
  [
    '{ url: https://s3cret@web.example }',
    'url: expected a URL without a user and a password, saw one with them; correct it',
  ],
  [
    '{ url: web.example/health }',
    'url: expected a URL of http or https, saw something like a URL (not shown, it may hold a password); correct it',
  ],
  ['{ command: x, every: 2m, for: 1m }', 'every: expected at most `for`, 60000 ms, saw 120000 ms; correct it'],
  ['{ command: x, every: 11m }', 'every: expected at most `for`, 600000 ms, saw 660000 ms; correct it'],
  [
    '{ command: x, every: 1s, for: 1h }',
    'every: expected at most 1000 polls in 3600000 ms, saw one every 1000 ms; correct it',
  ],
  ['{ command: x, for: 25h }', 'for: expected a duration of at most 24h, saw "25h"; correct it'],
  ['{ command: x, failures: 0 }', 'failures: expected a whole number from 1 to 100, saw 0; correct it'],
  [
    '{ url: https://web.example, expect: [100] }',
    'expect.0: expected a whole number from 200 to 599, saw 100; correct it',
  ],
  ['{ command: x, evry: 1m }', 'evry: unknown key; did you mean every?'],
])('%s is refused, in one line', (text, message) => {
  let said = 'nothing';
  try {
    monitor(text);
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toMatch(new RegExp(`^${file}:[56]: projects\\.web\\.monitor\\.`));
  expect(said.replace(/^.*?projects\.web\.monitor\./s, '')).toBe(message);
  expect(said).not.toContain('s3cret');
  expect(said).not.toContain('\n');
});
