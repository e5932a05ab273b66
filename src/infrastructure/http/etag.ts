import type { Request, Response } from 'express';

/** Strong: two answers with the same one are about a task in the same state. @param revision of its stream */
export function etagOf(revision: string): string {
  return `"${revision}"`;
}

/** Says of which revision an answer is; to who has that one already nothing else is sent. */
export function sayRevision(request: Request, response: Response, revision: string): void {
  const etag = etagOf(revision);
  response.setHeader('etag', etag);
  // Not left to Express, which takes `Cache-Control: no-cache` for a wish to have everything: fetch of Node adds that.
  if (hasAlready(request, etag)) response.status(304);
}

/** Whether whoever asks has just that one. */
export function hasAlready(request: Request, etag: string): boolean {
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}
