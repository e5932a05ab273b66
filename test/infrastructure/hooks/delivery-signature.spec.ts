import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { isSignedDelivery } from '../../../src/infrastructure/hooks/delivery-signature';
import { isStandardSigned, standardKey, standardSignature } from '../../../src/infrastructure/hooks/standard-webhooks';

const NOW = 1_614_265_330_000;
const signed = (
  source: Parameters<typeof isSignedDelivery>[0],
  secrets: readonly string[],
  headers: Record<string, string>,
  body: string | Uint8Array,
  now = NOW,
) => isSignedDelivery(source, secrets, { headers, body: Buffer.from(body) }, now);

// Source: GitHub Docs, "Validating webhook deliveries", "Testing the webhook payload validation".
const GITHUB = {
  secret: "It's a Secret to Everybody",
  body: 'Hello, World!',
  signature: 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
};
// Source: Standard Webhooks, libraries/javascript/src/index.test.ts and the README of the specification.
const STANDARD = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: '1614265330',
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const standardHeaders = ({ id, timestamp, signature } = STANDARD) => ({
  'webhook-id': id,
  'webhook-timestamp': timestamp,
  'webhook-signature': signature,
});

it('takes the example of the documentation of GitHub', () => {
  const { secret, body, signature } = GITHUB;
  expect(signed('github', [secret], { 'x-hub-signature-256': signature }, body)).toBe(true);
});

it('takes the example of Standard Webhooks, and signs it alike', () => {
  const { secret, id, timestamp, body, signature } = STANDARD;
  expect(signed('generic', [secret], standardHeaders(), body)).toBe(true);
  expect(standardSignature(standardKey(secret) ?? Buffer.alloc(0), { id, timestamp, body })).toBe(signature);
});

it.each(['gitea', 'plane'] as const)('takes the plain digits of %s', (source) => {
  const signature = createHmac('sha256', 's3cret').update('{}').digest('hex');
  expect(signed(source, ['s3cret'], { [`x-${source}-signature`]: signature }, '{}')).toBe(true);
  expect(signed(source, ['s3cret'], { [`x-${source}-signature`]: `sha256=${signature}` }, '{}')).toBe(false);
});

it('says what the library of Standard Webhooks says, of every change of one byte', () => {
  const now = Math.floor(Date.now() / 1000);
  const oracle = new Webhook(STANDARD.secret);
  const body = '{"type":"push","data":{}}';
  const signature = oracle.sign('msg_1', new Date(now * 1000), body);
  const ask = (headers: Record<string, string>, text: string) => {
    const ours = signed('generic', [STANDARD.secret], headers, text, now * 1000);
    let theirs = true;
    try {
      oracle.verify(text, headers);
    } catch {
      theirs = false;
    }
    expect([headers, text, ours]).toEqual([headers, text, theirs]);
    return ours;
  };
  const headers = standardHeaders({ ...STANDARD, id: 'msg_1', timestamp: String(now), signature });
  expect(ask(headers, body)).toBe(true);
  for (let at = 0; at < body.length; at += 1)
    expect(ask(headers, `${body.slice(0, at)}~${body.slice(at + 1)}`)).toBe(false);
  expect(ask({ ...headers, 'webhook-id': 'msg_2' }, body)).toBe(false);
  expect(ask({ ...headers, 'webhook-timestamp': String(now - 1) }, body)).toBe(false);
  expect(ask({ ...headers, 'webhook-signature': `v1,AAAA v2,${signature.slice(3)} ${signature}` }, body)).toBe(true);
});

it('takes a message of Standard Webhooks five minutes before and after its time, and no longer', () => {
  const at = Number(STANDARD.timestamp) * 1000;
  const ask = (apartS: number) =>
    signed('generic', [STANDARD.secret], standardHeaders(), STANDARD.body, at + apartS * 1000);
  expect([-300, -1, 0, 299, 300].map(ask)).toEqual([true, true, true, true, true]);
  expect([-301, 301, 86_400].map(ask)).toEqual([false, false, false]);
});

it.each([
  ['no signature', {}],
  ['an empty one', { 'x-hub-signature-256': '' }],
  ['one without its prefix', { 'x-hub-signature-256': GITHUB.signature.slice(7) }],
  ['upper case', { 'x-hub-signature-256': `sha256=${GITHUB.signature.slice(7).toUpperCase()}` }],
  ['one digit too few', { 'x-hub-signature-256': GITHUB.signature.slice(0, -1) }],
  ['one digit too many', { 'x-hub-signature-256': `${GITHUB.signature}0` }],
  ['two', { 'x-hub-signature-256': `${GITHUB.signature}, ${GITHUB.signature}` }],
  ['that of SHA-1', { 'x-hub-signature': GITHUB.signature }],
  ['zeros', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
])('refuses %s', (_, headers: Record<string, string>) => {
  expect(signed('github', [GITHUB.secret], headers, GITHUB.body)).toBe(false);
});

it.each(['', 'x', '1614265330.5', '-1', '1e10', '9'.repeat(40)])('refuses %j as a time', (timestamp) => {
  const key = standardKey(STANDARD.secret) ?? Buffer.alloc(0);
  const message = { id: 'msg_1', timestamp, body: '{}' };
  expect(isStandardSigned([key], standardSignature(key, message), message, NOW)).toBe(false);
});

it('while a secret is rotated either lets in, and afterwards the new one alone', () => {
  const by = (secret: string) => `sha256=${createHmac('sha256', secret).update('{}').digest('hex')}`;
  const ask = (secrets: readonly string[], secret: string) =>
    signed('github', secrets, { 'x-hub-signature-256': by(secret) }, '{}');
  expect([ask(['old', 'new'], 'old'), ask(['old', 'new'], 'new')]).toEqual([true, true]);
  expect([ask(['new'], 'old'), ask(['new'], 'new')]).toEqual([false, true]);
});

it.each(['github', 'gitea', 'plane', 'generic'] as const)('lets nobody in where %s has no secret', (source) => {
  for (const secret of ['', 'nobody has this secret, and nobody is let in by it']) {
    const hex = createHmac('sha256', secret).update('{}').digest('hex');
    const headers = { [`x-${source}-signature`]: hex, 'x-hub-signature-256': `sha256=${hex}`, ...standardHeaders() };
    expect(signed(source, [], headers, '{}')).toBe(false);
  }
});
