import type { handleClientStreamingCall, Metadata, sendUnaryData, ServiceError } from '@grpc/grpc-js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb';
import { hits, type Faults, type PeerReport, type Settings } from './faults';
import { answerTo, appendOf, sizeOf, type AppendRequest } from './messages';
import type { PeerDecision, PeerLog } from './peer-log';
import { REFUSALS } from './refusals';

/** Append, one call each. */
export function serveAppends(
  log: PeerLog,
  settings: Settings,
  faults: Faults,
  report: PeerReport,
  address: () => readonly [host: string, port: number],
): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, reply) => {
    const messages: AppendReq[] = [];
    let size = 0;
    call.on('data', (message: AppendReq) => {
      if (size > settings.maxAppendSize) return;
      messages.push(message);
      size += sizeOf(message);
      // At once, while the rest is still on its way; rights are looked at before.
      if (size > settings.maxAppendSize)
        reply(refusalOf(appendOf(messages).stream) ?? REFUSALS.tooLarge(settings.maxAppendSize));
    });
    // A caller that gave up: an append that had not arrived whole is not stored.
    call.on('error', () => undefined);
    call.on('end', () => {
      report.appends += 1;
      if (size <= settings.maxAppendSize) take(appendOf(messages), call.metadata, reply);
    });
  };

  function take(request: AppendRequest, metadata: Metadata, reply: sendUnaryData<AppendResp>): void {
    const refused = refusalOf(request.stream);
    if (refused) {
      reply(refused);
      return;
    }
    if (hits(faults, 'muteAppends')) return;
    if (request.expected === undefined) {
      report.violations.push('append without an exact expected revision');
      reply(REFUSALS.violation('an append without an exact expected revision'));
      return;
    }
    if (metadata.get('requires-leader').length === 0) report.violations.push('append that any node may take');
    const decision = log.append(request.stream, request.expected, request.events);
    if (isDropped(decision)) {
      report.dropped += 1;
      after(settings.commitTimeoutMs, () => {
        reply(REFUSALS.timedOut());
      });
      return;
    }
    // One that conflicts is told so before what it lost against is replicated.
    after(decision.kind === 'stored' ? settings.replicationMs : 0, () => {
      if (decision.kind === 'stored') log.show(decision.position);
      answer(request, decision, reply);
    });
  }

  /** The same append while the first one is not replicated: the server neither stores nor answers it. */
  function isDropped(decision: PeerDecision): boolean {
    return decision.kind === 'known' && !log.isReadable(decision.position);
  }

  function answer(request: AppendRequest, decision: PeerDecision, reply: sendUnaryData<AppendResp>): void {
    if (hits(faults, 'dropReplies')) return;
    if (hits(faults, 'abortedButStored')) {
      reply(REFUSALS.timedOut());
      return;
    }
    after(hits(faults, 'lateReplies') ? faults.lateMs : 0, () => {
      reply(null, answerTo(request, decision));
    });
  }

  function refusalOf(stream: string): ServiceError | null {
    if (faults.isAccessDenied) return REFUSALS.accessDenied();
    if (hits(faults, 'unavailableAppends')) return REFUSALS.unavailable();
    if (hits(faults, 'unknownAppends')) return REFUSALS.unknown();
    if (hits(faults, 'abortedUnstored')) return REFUSALS.timedOut();
    if (hits(faults, 'refusedAppends')) return REFUSALS.wanted(faults.refusal);
    if (hits(faults, 'notLeader')) return REFUSALS.notLeader(...address());
    return hits(faults, 'streamDeleted') ? REFUSALS.streamDeleted(stream) : null;
  }
}

function after(ms: number, work: () => void): void {
  if (ms === 0) work();
  else setTimeout(work, ms);
}
