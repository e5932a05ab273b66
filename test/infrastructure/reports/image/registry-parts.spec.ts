import fc from 'fast-check';
import { mayLeadTo, reachOf } from '../../../../src/infrastructure/outbound/addresses';
import { parseChallenge } from '../../../../src/infrastructure/reports/image/registry/challenge';
import { parseReference } from '../../../../src/infrastructure/reports/image/registry/reference';

test.each([
  ['8.8.8.8', 'public'],
  ['2606:4700::1', 'public'],
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fd12::1', 'private'],
  ['127.0.0.1', 'loopback'],
  ['127.255.1.1', 'loopback'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['0:0:0:0:0:ffff:a9fe:a9fe', 'nobody'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['169.254.169.254', 'nobody'],
  ['::ffff:169.254.169.254', 'nobody'],
  ['fd00:ec2::254', 'nobody'],
  ['fe80::1%eth0', 'nobody'],
  ['0.0.0.0', 'nobody'],
  ['::', 'nobody'],
  ['::7f00:1', 'nobody'],
  ['2002:7f00:1::', 'nobody'],
  ['255.255.255.255', 'nobody'],
  ['ff02::1', 'nobody'],
  ['no address', 'nobody'],
  ['', 'nobody'],
])('%s is at %s', (address, reach) => {
  expect(reachOf(address)).toBe(reach);
});

test('nobody leads nearer to this machine than he is himself', () => {
  expect(mayLeadTo('public', 'private')).toBe(false);
  expect(mayLeadTo('public', 'loopback')).toBe(false);
  expect(mayLeadTo('private', 'loopback')).toBe(false);
  expect(mayLeadTo('private', 'public')).toBe(true);
  for (const reach of ['public', 'private', 'loopback', 'nobody'] as const) {
    expect(mayLeadTo(reach, 'nobody')).toBe(false);
    expect(mayLeadTo('nobody', reach)).toBe(false);
  }
});

test.each<[string, [string, string, string] | null]>([
  ['registry.example/app:1', ['registry.example', 'app', '1']],
  ['Registry.Example:5000/team/app:{commit}', ['registry.example:5000', 'team/app', '{commit}']],
  ['localhost/a:v', ['localhost', 'a', 'v']],
  ['registry:5000/a/b__c/d-e:x.y_z', ['registry:5000', 'a/b__c/d-e', 'x.y_z']],
  ['[::1]:5000/app:1', ['[::1]:5000', 'app', '1']],
  ['docker.io/library/node:20', ['registry-1.docker.io', 'library/node', '20']],
  ['app:1', null],
  ['team/app:1', null],
  ['registry.example/app', null],
  ['registry.example/app@sha256:00', null],
  ['registry.example/../app:1', null],
  ['registry.example/App:1', null],
  ['registry.example/app:{other}', null],
  ['https://registry.example/app:1', null],
  ['user:pw@registry.example/app:1', null],
  ['registry.example/app:1?x', null],
])('%s names %p', (image, parts) => {
  const found = parseReference(image);
  expect(found && [found.host, found.repository, found.tag]).toEqual(parts);
});

test.each([
  ['Basic realm="x"', { kind: 'basic' }],
  [
    'bearer realm="https://a/t", service=b , scope="x:y:pull,push"',
    { kind: 'bearer', realm: 'https://a/t', service: 'b' },
  ],
  ['Bearer realm="a\\"b"', { kind: 'bearer', realm: 'a"b', service: null }],
  ['Bearer service="b"', null],
  ['Negotiate', null],
  ['', null],
  [null, null],
  [`Bearer realm="${'x'.repeat(9_000)}"`, null],
])('the challenge %p', (header, challenge) => {
  expect(parseChallenge(header)).toEqual(challenge);
});

test('whatever a server writes, it is an address, a challenge or a name, or none, at once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => {
      expect(['public', 'private', 'loopback', 'nobody']).toContain(reachOf(text));
      const challenge = parseChallenge(`Bearer ${text}`);
      expect(challenge === null || challenge.kind === 'bearer').toBe(true);
      const name = parseReference(text);
      expect(name === null || !/[\s@\\]/.test(name.host + name.repository + name.tag)).toBe(true);
    }),
  );
  const since = Date.now();
  parseReference(`registry.example/${'a-'.repeat(200_000)}:1`);
  parseChallenge(`Bearer ${'a="b",'.repeat(600)}`);
  expect(Date.now() - since).toBeLessThan(1_000);
});
