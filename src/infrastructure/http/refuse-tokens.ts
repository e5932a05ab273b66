import type { NextFunction, Request, Response } from 'express';
import { RequestRefused } from '../../application/refusals';
import { holdsToken } from '../../domain/access/token-text';

/** Refuses a body with something in it that may be a token: it would stand in the log for good, and be shown to whoever reads. */
export function refuseTokens(request: Request, _: Response, next: NextFunction): void {
  const body: unknown = request.body;
  if (!holdsToken(JSON.stringify(body ?? null))) {
    next();
    return;
  }
  const text =
    'body: expected no token, saw what may be one; send it as Authorization: Bearer alone, and revoke it where it was real';
  next(new RequestRefused('invalid', 'token-in-body', text));
}
