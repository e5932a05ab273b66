import { probeFault } from '../../../src/infrastructure/probes/probe-fault';

const coded = (code: string) => Object.assign(new Error(`connect ${code} 10.0.0.7:443`), { code });

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'HPE_INVALID_CONSTANT',
  'CERT_HAS_EXPIRED',
  'EPROTO',
])('%s is of what was asked', (code) => {
  expect(probeFault(coded(code))).toMatchObject({ kind: 'no-answer' });
});

test.each([
  ['EAI_AGAIN', 'PROBE_NO_NAME'],
  ['ENOTFOUND', 'PROBE_NO_NAME'],
  ['ENETUNREACH', 'PROBE_NO_ROUTE'],
  ['EADDRNOTAVAIL', 'PROBE_NO_ROUTE'],
  ['EMFILE', 'PROBE_FAILED'],
  ['ENOMEM', 'PROBE_FAILED'],
  ['ESOMETHING', 'PROBE_FAILED'],
])('%s is of the machine that asks', (code, expected) => {
  expect(probeFault(coded(code))).toMatchObject({ kind: 'ours', error: { code: expected } });
});

test('of a name with two addresses the one that was reached counts', () => {
  const both = new AggregateError([coded('ENETUNREACH'), coded('ECONNREFUSED')], 'both');
  expect(probeFault(both)).toMatchObject({ kind: 'no-answer', detail: 'the connection was refused (ECONNREFUSED)' });
  expect(probeFault(new AggregateError([coded('ENETUNREACH'), coded('EADDRNOTAVAIL')], 'both'))).toMatchObject({
    kind: 'ours',
    error: { code: 'PROBE_NO_ROUTE' },
  });
});

test('what nobody has a code for is of the machine that asks', () => {
  expect(probeFault('odd')).toMatchObject({ kind: 'ours', error: { code: 'PROBE_FAILED' } });
});
