import { pipeline } from 'node:stream/promises';
import { HttpException, HttpStatus } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ByteRange, KeptBytes } from '../../application/ports/kept-bytes';
import { hasCode } from '../system/durable-files';
import { hasAlready } from './etag';

/** Named for the code that a problem gets from it. */
export class RangeNotSatisfiableException extends HttpException {
  constructor(sizeBytes: number) {
    super(
      `expected a range within ${sizeBytes} bytes, saw one outside; ask for less`,
      HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    );
  }
}

/** What bytes are that never change. */
export interface Named {
  /** The name of the file that a browser makes of them. */
  readonly name: string;
  /** Strong: the same one, the same bytes. */
  readonly etag: string;
}

/** Others wrote them, and a browser must not take them for a page of ours. */
const AS_TEXT = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

/**
 * Sends bytes, or the one range of them that was asked for, piece by piece and no faster than they are taken.
 *
 * @param named left out for what still grows.
 */
export async function sendBytes(bytes: KeptBytes, request: Request, response: Response, named?: Named): Promise<void> {
  const { sizeBytes } = bytes;
  response.set({
    ...AS_TEXT,
    'accept-ranges': 'bytes',
    ...(named ? headersOf(named) : { 'cache-control': 'no-store' }),
  });
  if (named && hasAlready(request, named.etag)) {
    await bytes.close();
    response.status(HttpStatus.NOT_MODIFIED).end();
    return;
  }
  const range = rangeAsked(request, sizeBytes, named?.etag);
  if (range === 'outside') {
    await bytes.close();
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
    await bytes.close();
    response.end();
    return;
  }
  await pipeline(bytes.read(range === 'all' ? undefined : range), response).catch((error: unknown) => {
    // Whoever asked has gone, which is theirs to decide.
    if (!hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  });
}

function headersOf({ name, etag }: Named): Record<string, string> {
  return {
    etag,
    'cache-control': 'private, no-cache',
    'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`,
    'content-security-policy': "default-src 'none'; sandbox",
  };
}

/** What cannot be understood, asks for several ranges, or for a part of something else, is answered with everything, as RFC 9110 allows. */
function rangeAsked(request: Request, sizeBytes: number, etag: string | undefined): ByteRange | 'all' | 'outside' {
  const { range, 'if-range': condition } = request.headers;
  // Of other methods it means nothing.
  if (request.method !== 'GET') return 'all';
  // A date is none of ours, and what has no ETag cannot be compared with one.
  if (range === undefined || (condition !== undefined && condition !== etag)) return 'all';
  const ranges = request.range(sizeBytes);
  if (ranges === -1) return 'outside';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes') return 'all';
  const [first, ...others] = ranges;
  return first !== undefined && others.length === 0 ? first : 'all';
}
