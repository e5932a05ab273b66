import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_DEFAULTS } from '../../../../src/infrastructure/config/project/policy-defaults';
import { readProjectFile } from '../../../../src/infrastructure/config/project/load-projects';
import { NodeHasher } from '../../../../src/infrastructure/system/node-hasher';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'templates-'));
  mkdirSync(join(folder, 'briefs'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function template(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, 'briefs', name), text);
  return `briefs/${name}`;
}

function load(brief: string) {
  const agents = { reviewer: { command: ['review'], brief } };
  const projects = { web: { repo: 'web.git', staging: { suite: 'true' }, agents } };
  const file = join(folder, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ projects }));
  return readProjectFile(file, new NodeHasher(), BUILT_IN_DEFAULTS)[0]!.project;
}

it('a template is read from beside the project file, and is part of the policy', () => {
  const { policy } = load(template('review.md', 'Review {{task}}.\n'));
  expect(policy.agents.reviewer?.brief).toBe('Review {{task}}.\n');
});

it('another text is another policy, and the same text elsewhere is the same', () => {
  const first = load(template('a.md', 'Review {{task}}.\n')).policyDigest;
  expect(load(template('a.md', 'Review {{task}} well.\n')).policyDigest).not.toBe(first);
  expect(load(template('b.md', 'Review {{task}}.\n')).policyDigest).toBe(first);
});

it.each<[string, string | Uint8Array, RegExp]>([
  [
    'an unknown placeholder',
    'Go by {{brnach}}.',
    /expected placeholders of .*\{\{goal\}\}.*, saw \{\{brnach\}\}; did you mean \{\{branch\}\}\?$/,
  ],
  ['one with spaces', '{{ task }}', /saw \{\{ task \}\}; did you mean \{\{task\}\}\?$/],
  ['one that is like none', '{{zzzzzzzzzzzz}}', /saw \{\{zzzzzzzzzzzz\}\}; correct it$/],
  ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x41), /saw none, or bytes that are no text/],
  ['nothing', ' \n', /expected a template of 1 to 32768 bytes of UTF-8/],
  ['too much', 'x'.repeat(32_769), /saw 32769 bytes; shorten it/],
])('a template with %s is refused at the start', (_what, text, message) => {
  const path = template('review.md', text);
  expect(() => load(path)).toThrow(message);
  expect(() => load(path)).toThrow(/projects\.web\.agents\.reviewer\.brief/);
});

it('a file that is not there is refused with the nearest name', () => {
  template('review.md', 'x');
  expect(() => load('briefs/reveiw.md')).toThrow(
    /expected a file with a template for briefs, saw ENOENT at .*; did you mean review\.md\?/,
  );
  expect(() => load('briefs')).toThrow(/saw no plain file at/);
  expect(() => load('/no/such/folder/x.md')).toThrow(/ENOENT .*write it or correct the path/);
});

it('a pipe or a device is not waited for', () => {
  execFileSync('mkfifo', [join(folder, 'briefs', 'pipe')]);
  for (const path of ['briefs/pipe', '/dev/zero']) expect(() => load(path)).toThrow(/saw no plain file/);
});
