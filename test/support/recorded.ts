import type { Meta } from '../../src/application/envelope';
import type { StoredEvent } from '../../src/application/ports/event-store';
import type { Envelope, Fact } from '../../src/domain/fact';
import { instant } from '../../src/domain/instant';

/** What a stored event says about itself, believed as it stands: tests read logs by their own rules. */
export function envelopeOf(stored: StoredEvent): Envelope {
  const meta = stored.meta as unknown as Meta;
  return {
    id: stored.id,
    stream: stored.stream,
    revision: stored.revision,
    type: stored.type,
    version: meta.v,
    occurredAt: meta.at,
    recordedAt: instant(stored.recordedAt.getTime()),
    actor: meta.actor,
    worker: meta.worker,
    correlationId: meta.correlation,
    causationId: meta.causation,
    policyDigest: meta.policy,
    chain: meta.chain,
  };
}

type Recorded<Event extends Fact<string, unknown>> = Event & { readonly envelope: Envelope };

export function recorded<Event extends Fact<string, unknown>>(stored: StoredEvent): Recorded<Event> {
  return { type: stored.type, data: stored.data, envelope: envelopeOf(stored) } as unknown as Recorded<Event>;
}
