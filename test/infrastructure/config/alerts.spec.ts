import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAlerts, placesOfSink } from '../../../src/infrastructure/config/alerts/load-alerts';

const folder = mkdtempSync(join(tmpdir(), 'stagegate-alerts-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const MAIL = { kind: 'email', url: 'smtps://mail.example.com', from: 'a@example.com', to: ['b@example.com'] };
const HOOK = { kind: 'webhook', url: 'https://example.com/', secrets: [{ variable: 'SIGNING' }] };

function load(sink: object) {
  const file = join(folder, 'stagegate.yml');
  const projects = { web: { repo: folder, staging: { suite: 'true' } } };
  writeFileSync(file, JSON.stringify({ version: 1, projects, alerts: { sinks: { one: sink } } }));
  return loadAlerts(file);
}

test('a sink of mail has its addresses and who logs in, whose password is a secret', () => {
  const settings = load({
    ...MAIL,
    user: 'ann',
    password: { variable: 'MAIL_PASSWORD' },
    to: ['Ops <ops@example.com>'],
  });
  expect(settings.sinks).toEqual([
    {
      name: 'one',
      kind: 'email',
      url: 'smtps://mail.example.com',
      allowed: [],
      route: { projects: null, severities: null },
      from: 'a@example.com',
      to: ['Ops <ops@example.com>'],
      login: { user: 'ann', password: { variable: 'MAIL_PASSWORD' } },
    },
  ]);
  expect(settings.sinks.flatMap(placesOfSink)).toEqual([{ variable: 'MAIL_PASSWORD' }]);
  expect(load(MAIL).sinks).toMatchObject([{ login: null }]);
});

test.each([
  [{ ...MAIL, from: undefined }, 'from is missing; add it'],
  [{ ...MAIL, to: undefined }, 'to is missing; add it'],
  [{ ...MAIL, to: [] }, 'to'],
  [{ ...MAIL, user: 'ann' }, 'expected user and password, or neither'],
  [{ ...MAIL, secrets: [{ variable: 'X' }] }, 'expected no secrets; take them out'],
  [{ ...MAIL, url: 'https://mail.example.com' }, 'expected a URL of smtps or smtp'],
  [{ ...MAIL, url: 'smtps://ann:secret@mail.example.com' }, 'without a user and password'],
  [{ ...MAIL, from: 'a@example.com\r\nBcc: all@example.com' }, 'an address such as'],
  [{ ...MAIL, to: ['b@example.com, c@example.com'] }, 'an address such as'],
  [{ ...MAIL, to: ['nobody'] }, 'an address such as'],
  [{ ...HOOK, to: ['b@example.com'] }, 'expected no to; take it out'],
  [{ ...HOOK, secrets: undefined }, 'secrets is missing; add it'],
  [{ ...HOOK, url: 'smtp://example.com' }, 'expected a URL of https'],
  [{ ...HOOK, url: undefined }, 'expected either url or urlFrom'],
])('what no sink can be stops the start in one line: %#', (sink, why) => {
  let message = '';
  try {
    load(sink);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain(why);
  expect(message).not.toContain('secret@');
  expect(message.split('\n')).toHaveLength(1);
});
