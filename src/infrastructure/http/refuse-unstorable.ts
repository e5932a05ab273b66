import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { BadRequestException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { findUnportable } from '../event-stores/portable-json';

/** Members and places in lists, as they stand in our own bodies; whatever else a caller has made up is not repeated. */
const PLAIN_PATH = /^[A-Za-z0-9_.[\]]{1,60}$/;

/**
 * Refuses a URL that is not UTF-8 in percent-encoding, or holds what no store takes. Nothing is made fit: whoever asks for one
 * thing must not get another.
 */
export function refuseUnstorableUrl({ originalUrl }: Request, _: Response, next: NextFunction): void {
  next(faultOfUrl(originalUrl));
}

/** Refuses a body with anything in it that some store would change or refuse; of its shape others judge. */
export function refuseUnstorableBody(request: Request, _: Response, next: NextFunction): void {
  const found = findUnportable(request.body ?? null);
  if (!found) {
    next();
    return;
  }
  const where = PLAIN_PATH.test(found.path) ? `body${found.path}` : 'body';
  next(
    new BadRequestException(`${where}: expected what can be stored, saw what cannot: ${found.reason}; send it without`),
  );
}

/** For the body parser, which would put something else in the place of bytes that are no text. */
export function verifyUtf8(_: IncomingMessage, __: unknown, bytes: Buffer, encoding: string): void {
  if (encoding !== 'utf-8') throw new UnsupportedMediaTypeException('expected a body in UTF-8, saw another charset');
  if (!isUtf8(bytes))
    throw new BadRequestException('expected a body in UTF-8, saw bytes that are not; send it as UTF-8');
}

function faultOfUrl(url: string): BadRequestException | undefined {
  try {
    if (!decodeURIComponent(url).includes('\0')) return undefined;
    return new BadRequestException('URL: expected text, saw NUL (%00) in it; send it without');
  } catch {
    return new BadRequestException('URL: expected UTF-8 in percent-encoding, saw something else; encode it');
  }
}
