import { pipeline } from 'node:stream/promises';
import { HttpException, HttpStatus } from '@nestjs/common';
import type { Request, Response } from 'express';
import { hasCode } from '../system/durable-files';
import type { ByteRange, RunLog } from './run-logs';

/** Named for the code that a problem gets from it. */
export class RangeNotSatisfiableException extends HttpException {
  constructor(sizeBytes: number) {
    super(
      `expected a range within ${sizeBytes} bytes, saw one outside; ask for less`,
      HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    );
  }
}

/** Sends a log, or the one range of it that was asked for, piece by piece and no faster than it is taken. */
export async function sendRunLog(log: RunLog, request: Request, response: Response): Promise<void> {
  const { sizeBytes } = log;
  response.set({ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.set({ 'accept-ranges': 'bytes', 'cache-control': 'no-store' });
  const range = rangeAsked(request, sizeBytes);
  if (range === 'outside') {
    await log.close();
    response.set('content-range', `bytes */${sizeBytes}`);
    throw new RangeNotSatisfiableException(sizeBytes);
  }
  if (range !== 'all') {
    response.status(HttpStatus.PARTIAL_CONTENT);
    response.set('content-range', `bytes ${range.start}-${range.end}/${sizeBytes}`);
  }
  const length = range === 'all' ? sizeBytes : range.end - range.start + 1;
  response.set('content-length', String(length));
  if (request.method === 'HEAD' || length === 0) {
    await log.close();
    response.end();
    return;
  }
  await pipeline(log.read(range === 'all' ? undefined : range), response).catch((error: unknown) => {
    // Whoever asked has gone, which is theirs to decide.
    if (!hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  });
}

/** What cannot be understood, or asks for several ranges, is answered with everything, as RFC 9110 allows. */
function rangeAsked(request: Request, sizeBytes: number): ByteRange | 'all' | 'outside' {
  // There is nothing that a condition could be compared with.
  if (request.headers.range === undefined || request.headers['if-range'] !== undefined) return 'all';
  const ranges = request.range(sizeBytes);
  if (ranges === -1) return 'outside';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes') return 'all';
  const [first, ...others] = ranges;
  return first !== undefined && others.length === 0 ? first : 'all';
}
