import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MOST_REPORT_BYTES } from '../../../src/application/ports/report-reader';
import { readReportFile } from '../../../src/infrastructure/reports/report-file';

let outer: string;
let folder: string;
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), 'stagegate-report-'));
  folder = join(outer, 'clone');
  mkdirSync(join(folder, 'out'), { recursive: true });
  writeFileSync(join(outer, 'secret.json'), '{}');
});
afterEach(() => {
  rmSync(outer, { recursive: true, force: true });
});

test('a plain file is read as it is', async () => {
  writeFileSync(join(folder, 'out/report.json'), '{"a": "ä"}');
  expect(await readReportFile(folder, 'out/report.json')).toEqual({ kind: 'read', text: '{"a": "ä"}' });
});

const inPlace = (make: (path: string) => void) => {
  make(join(folder, 'out/report.json'));
};

test.each<[string, (path: string) => void, string, RegExp]>([
  ['nothing', () => undefined, 'no_report', /saw none/],
  [
    'a folder',
    (path) => {
      mkdirSync(path);
    },
    'report_unreadable',
    /something else/,
  ],
  [
    'a link to a file outside',
    (path) => {
      symlinkSync('../../secret.json', path);
    },
    'report_unreadable',
    /symbolic link/,
  ],
  [
    'a link that leads nowhere',
    (path) => {
      symlinkSync('nowhere', path);
    },
    'report_unreadable',
    /symbolic link/,
  ],
  [
    'a second name of a file outside',
    (path) => {
      linkSync(join(outer, 'secret.json'), path);
    },
    'report_unreadable',
    /hard link/,
  ],
  [
    'a pipe, which would make a reader wait',
    (path) => void execFileSync('mkfifo', [path]),
    'report_unreadable',
    /pipe/,
  ],
  [
    'an empty file',
    (path) => {
      writeFileSync(path, '');
    },
    'report_malformed',
    /empty/,
  ],
  [
    'bytes of no text',
    (path) => {
      writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00]));
    },
    'report_malformed',
    /UTF-8/,
  ],
  [
    'NUL',
    (path) => {
      writeFileSync(path, 'a\0b');
    },
    'report_malformed',
    /NUL/,
  ],
])('%s is no report', async (_what, make, reason, words) => {
  inPlace(make);
  const found = await readReportFile(folder, 'out/report.json');
  expect(found).toMatchObject({ kind: 'fault', reason });
  if (found.kind === 'fault') expect(found.evidence.join()).toMatch(words);
});

test('a file beyond the bound is not read', async () => {
  const path = join(folder, 'out/report.json');
  writeFileSync(path, '');
  truncateSync(path, MOST_REPORT_BYTES + 1);
  expect(await readReportFile(folder, 'out/report.json')).toMatchObject({ reason: 'report_unreadable' });
});

test('a folder on the way that leads out of the clone is followed to no file', async () => {
  symlinkSync(outer, join(folder, 'away'));
  expect(await readReportFile(folder, 'away/secret.json')).toMatchObject({
    kind: 'fault',
    reason: 'report_unreadable',
    evidence: [expect.stringContaining('a link out of it')],
  });
  symlinkSync('round', join(folder, 'round'));
  expect(await readReportFile(folder, 'round/secret.json')).toMatchObject({
    kind: 'fault',
    reason: 'report_unreadable',
    evidence: [expect.stringContaining('folders that can be followed')],
  });
  expect(await readReportFile(folder, 'none/secret.json')).toMatchObject({ kind: 'fault', reason: 'no_report' });
});
