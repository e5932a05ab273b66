import type { handleClientStreamingCall } from '@grpc/grpc-js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb';
import { hits, type Faults, type PeerReport } from './faults';
import { answerTo, appendOf } from './messages';
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
      const request = appendOf(messages);
      if (faults.isAccessDenied) return void reply(REFUSALS.accessDenied());
      if (hits(faults, 'muteAppends')) return;
      if (hits(faults, 'unavailableAppends')) return void reply(REFUSALS.unavailable());
      if (hits(faults, 'notLeader')) return void reply(REFUSALS.notLeader(...address()));
      if (hits(faults, 'streamDeleted')) return void reply(REFUSALS.streamDeleted(request.stream));
      if (request.expected === undefined) {
        report.violations.push('append without an exact expected revision');
        return void reply(REFUSALS.violation('an append without an exact expected revision'));
      }
      if (call.metadata.get('requires-leader').length === 0) report.violations.push('append that any node may take');
      const answer = answerTo(request, log.append(request.stream, request.expected, request.events));
      if (hits(faults, 'dropReplies')) return;
      if (hits(faults, 'lateReplies'))
        setTimeout(() => {
          reply(null, answer);
        }, faults.lateMs);
      else reply(null, answer);
    });
  };
}
