import { sinksFinding, type AddressesOf } from '../../../src/cli/doctor/sink-check';
import type { AlertSinkSettings } from '../../../src/infrastructure/alerts/alert-settings';

const route = { projects: null, severities: null };
const chat = (url: string, allowed: readonly string[] = []): AlertSinkSettings => ({
  kind: 'slack',
  name: 'chat',
  url,
  allowed,
  route,
});
const mail: AlertSinkSettings = {
  kind: 'email',
  name: 'mail',
  url: 'smtps://mail.example',
  allowed: [],
  route,
  from: 'a@example.com',
  to: ['b@example.com'],
  login: null,
};
const leadingTo =
  (...addresses: readonly string[]): AddressesOf =>
  () =>
    Promise.resolve(addresses);
const PUBLIC = leadingTo('192.0.43.8');

test('says where alerts go', async () => {
  expect(await sinksFinding([], {}, PUBLIC)).toMatchObject({ verdict: 'ok', seen: 'log' });
  const both = await sinksFinding([chat('https://chat.example/x'), mail], {}, PUBLIC);
  expect(both).toMatchObject({ verdict: 'ok', seen: 'log, chat (slack), mail (email)', fix: [] });
});

test.each([
  [
    chat('http://chat.example/'),
    PUBLIC,
    'chat: expected https, saw http; if chat.example is yours, name it under allow',
  ],
  [chat('https://127.0.0.1/'), PUBLIC, 'chat: 127.0.0.1: expected a public address, saw 127.0.0.1 (loopback)'],
  [mail, leadingTo('192.0.43.8', '10.0.0.1'), 'mail: mail.example: expected a public address, saw 10.0.0.1 (private)'],
  [chat('https://chat.example/', ['chat.example']), leadingTo('169.254.169.254'), 'saw 169.254.169.254 (nobody)'],
])('fails for what no alert will be sent to: %#', async (sink, addresses, line) => {
  const { verdict, fix } = await sinksFinding([sink], {}, addresses);
  expect([verdict, fix]).toEqual(['fail', [expect.stringContaining(line)]]);
});

test('warns of a name that leads nowhere now, and of a URL that is not known here', async () => {
  const nowhere = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
  expect(await sinksFinding([mail], {}, nowhere)).toMatchObject({
    verdict: 'warn',
    fix: ['mail: expected an address of mail.example, saw ENOTFOUND; correct the name, or DNS'],
  });
  const secret: AlertSinkSettings = { kind: 'slack', name: 'chat', url: { variable: 'CHAT' }, allowed: [], route };
  expect(await sinksFinding([secret], {}, PUBLIC)).toMatchObject({
    verdict: 'warn',
    fix: [expect.stringContaining('$CHAT: expected a secret')],
  });
  const odd = await sinksFinding([secret], { CHAT: 'hunter2' }, PUBLIC);
  expect(odd.fix).toEqual(['chat: expected a URL of https or http (not shown, it may be a secret)']);
});
