import type { EnvelopeFields } from '../../src/application/envelope';

/** What the envelope of an event says that a test does not care about. */
export const FIELDS: EnvelopeFields = {
  occurredAt: '2026-01-01T00:00:00.000Z',
  actor: 'ann',
  worker: 'w',
  correlationId: '',
  causationId: '',
  policyDigest: null,
};
