import type { handleClientStreamingCall, Metadata, sendUnaryData, ServiceError } from '@grpc/grpc-js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb';
import { hits, type Faults, type PeerReport } from './faults';
import { answerTo, appendOf, type AppendRequest } from './messages';
import type { PeerLog } from './peer-log';
import { REFUSALS } from './refusals';

/** Append, one call each. */
export function serveAppends(
  log: PeerLog,
  faults: Faults,
  report: PeerReport,
  address: () => readonly [host: string, port: number],
): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, reply) => {
    const messages: AppendReq[] = [];
    call.on('data', (message: AppendReq) => messages.push(message));
    // A caller that gave up: an append that had not arrived whole is not stored.
    call.on('error', () => undefined);
    call.on('end', () => {
      report.appends += 1;
      take(appendOf(messages), call.metadata, reply);
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
    const answer = answerTo(request, log.append(request.stream, request.expected, request.events));
    if (hits(faults, 'dropReplies')) return;
    const lateMs = hits(faults, 'lateReplies') ? faults.lateMs : 0;
    const send = () => {
      reply(null, answer);
    };
    if (lateMs === 0) send();
    else setTimeout(send, lateMs);
  }

  function refusalOf(stream: string): ServiceError | null {
    if (faults.isAccessDenied) return REFUSALS.accessDenied();
    if (hits(faults, 'unavailableAppends')) return REFUSALS.unavailable();
    if (hits(faults, 'unknownAppends')) return REFUSALS.unknown();
    if (hits(faults, 'notLeader')) return REFUSALS.notLeader(...address());
    return hits(faults, 'streamDeleted') ? REFUSALS.streamDeleted(stream) : null;
  }
}
