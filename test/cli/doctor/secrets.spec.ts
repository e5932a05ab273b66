import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretsFinding, type Signer } from '../../../src/cli/doctor/secrets-check';
import { hookSecretAt } from '../../../src/infrastructure/hooks/hook-secrets';
import type { SecretPlace } from '../../../src/infrastructure/secrets/secret-place';

const SECRET = 'a secret that nobody guesses';
let folder: string;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  folder = join(root, 'secrets');
  mkdirSync(folder, { mode: 0o700 });
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true });
});

function file(name: string, text: string | null, mode = 0o600): SecretPlace {
  const path = join(folder, name);
  if (text !== null) {
    writeFileSync(path, text);
    chmodSync(path, mode);
  }
  return { file: path };
}

function githubBy(...places: readonly SecretPlace[]): Signer {
  return {
    who: 'hook:web/github',
    secrets: places.map((place) => ({ place, found: hookSecretAt(place, 'github', {}) })),
  };
}

it('has nothing to say where none is named, or all is well', () => {
  expect(secretsFinding([])).toEqual({ name: 'secrets', verdict: 'ok', seen: 'none named', fix: [] });
  const well = secretsFinding([githubBy(file('one', SECRET))]);
  expect(well).toEqual({ name: 'secrets', verdict: 'ok', seen: 'hook:web/github', fix: [] });
});

it.each([
  ['that is not there', null, /: expected a file with a secret, saw ENOENT$/],
  ['that is empty', '\n', /: expected a secret in this file, saw nothing$/],
  ['that is too short', 'guess me', /: expected a secret of at least 16 characters, saw 8$/],
])('fails for a file %s, as nobody is let in', (_, text, line) => {
  const found = secretsFinding([githubBy(file('one', text))]);
  expect(found).toMatchObject({ verdict: 'fail', fix: [expect.stringMatching(line)] });
  expect(JSON.stringify(found)).not.toContain('guess me');
});

it('warns of one of two, as while they are rotated, and of a variable that the service may have', () => {
  const one = secretsFinding([githubBy(file('new', null), file('old', SECRET))]);
  expect(one).toMatchObject({ verdict: 'warn', fix: [expect.stringContaining('/new: expected')] });
  const variable = secretsFinding([githubBy({ variable: 'HOOK_SECRET' })]);
  expect(variable).toMatchObject({ verdict: 'warn', fix: [expect.stringContaining('$HOOK_SECRET: expected')] });
});

it.each([0o644, 0o640, 0o604])('warns of a file of mode %i, which others may read', (mode) => {
  const { verdict, fix } = secretsFinding([githubBy(file('one', SECRET, mode))]);
  expect([verdict, fix]).toEqual([
    'warn',
    [expect.stringMatching(new RegExp(`/one: expected mode 600, saw ${mode.toString(8)}; chmod 600 it`))],
  ]);
});

it('says of a secret among other files what would be better', () => {
  writeFileSync(join(folder, 'stagegate.yml'), '');
  const { verdict, fix } = secretsFinding([githubBy(file('one', SECRET))]);
  expect([verdict, fix]).toEqual(['ok', [expect.stringContaining('expected a folder with nothing but secrets')]]);
});
