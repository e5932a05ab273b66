import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { Refusal } from './faults';

/** Errors as a server tells them: the kind stands in the trailers. */
export const REFUSALS = {
  unavailable: () => refusal(status.UNAVAILABLE, 'Server Is Not Ready', {}),
  unknown: () => refusal(status.UNKNOWN, 'Exception was thrown by handler.', {}),
  accessDenied: () => refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' }),
  streamDeleted: (stream: string) =>
    refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
      exception: 'stream-deleted',
      'stream-name': stream,
    }),
  notLeader: (host: string, port: number) =>
    refusal(status.NOT_FOUND, 'Leader info available', {
      exception: 'not-leader',
      'leader-endpoint-host': host,
      'leader-endpoint-port': String(port),
    }),
  timedOut: () => refusal(status.ABORTED, 'Operation timed out: Commit phase timeout.', {}),
  tooLarge: (maxAppendSize: number) =>
    refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendSize} Exceeded.`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(maxAppendSize),
    }),
  wanted: ({ code, details, trailers }: Refusal) => refusal(code, details, trailers),
  violation: (what: string) => refusal(status.UNIMPLEMENTED, `the peer does not allow ${what}`, {}),
} as const;

function refusal(code: status, details: string, trailers: Readonly<Record<string, string>>): ServiceError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}
