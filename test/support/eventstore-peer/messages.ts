import { AppendReq, AppendResp, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import type { PeerDecision, PeerEvent, StoredPeerEvent } from './peer-log';

export interface AppendRequest {
  readonly stream: string;
  /** Null: no stream. Undefined: a kind that no client of ours may send. */
  readonly expected: number | null | undefined;
  readonly events: readonly PeerEvent[];
}

/** As the server counts an event; 0 for what is none. */
export function sizeOf(message: AppendReq): number {
  const proposed = message.getProposedMessage();
  if (!proposed) return 0;
  const type = proposed.getMetadataMap().get('type') ?? '';
  return proposed.getData_asU8().length + proposed.getCustomMetadata_asU8().length + 2 * type.length;
}

/** @throws when the messages are not an append. */
export function appendOf(messages: readonly AppendReq[]): AppendRequest {
  const options = messages[0]?.getOptions();
  if (!options) throw new Error('an append begins with its options');
  const stream = nameOf(options.getStreamIdentifier());
  const expected = options.hasRevision() ? Number(options.getRevision()) : options.hasNoStream() ? null : undefined;
  return { stream, expected, events: messages.slice(1).map(eventOf) };
}

export function nameOf(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asB64() ?? '', 'base64').toString('utf8');
}

function eventOf(message: AppendReq): PeerEvent {
  const proposed = message.getProposedMessage();
  if (!proposed) throw new Error('an append goes on with events');
  const header = proposed.getMetadataMap();
  return {
    id: proposed.getId()?.getString() ?? '',
    type: header.get('type') ?? '',
    contentType: header.get('content-type') ?? '',
    // The library's own way to base64 takes seconds for a megabyte on a busy machine.
    data: Buffer.from(proposed.getData_asU8()).toString('base64'),
    metadata: Buffer.from(proposed.getCustomMetadata_asU8()).toString('base64'),
  };
}

export function answerTo({ expected }: AppendRequest, decision: PeerDecision): AppendResp {
  const answer = new AppendResp();
  if (decision.kind === 'conflict') {
    const wrong = new AppendResp.WrongExpectedVersion();
    if (decision.current === null) wrong.setCurrentNoStream(new Empty());
    else wrong.setCurrentRevision(String(decision.current));
    if (expected === null || expected === undefined) wrong.setExpectedNoStream(new Empty());
    else wrong.setExpectedRevision(String(expected));
    return answer.setWrongExpectedVersion(wrong);
  }
  const success = new AppendResp.Success().setCurrentRevision(String(decision.revision));
  if (decision.kind === 'known') return answer.setSuccess(success.setNoPosition(new Empty()));
  const position = new AppendResp.Position();
  position.setCommitPosition(String(decision.position)).setPreparePosition(String(decision.position));
  return answer.setSuccess(success.setPosition(position));
}

export function readEvent(stored: StoredPeerEvent): ReadResp {
  const recorded = new ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(new UUID().setString(stored.id));
  recorded.setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stored.stream).toString('base64')));
  recorded.setStreamRevision(String(stored.revision));
  recorded.setCommitPosition(String(stored.position));
  recorded.setPreparePosition(String(stored.position));
  const header = recorded.getMetadataMap();
  header.set('type', stored.type).set('content-type', stored.contentType).set('created', stored.created);
  recorded.setData(stored.data);
  recorded.setCustomMetadata(stored.metadata);
  return new ReadResp().setEvent(
    new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(stored.position)),
  );
}

export function confirmation(): ReadResp {
  return new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId('peer'));
}

export function caughtUp(): ReadResp {
  return new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
}

export function checkpoint(position: number): ReadResp {
  const made = new ReadResp.Checkpoint();
  return new ReadResp().setCheckpoint(made.setCommitPosition(String(position)).setPreparePosition(String(position)));
}

export function streamNotFound(name: string): ReadResp {
  const identifier = new StreamIdentifier().setStreamName(Buffer.from(name).toString('base64'));
  return new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(identifier));
}
