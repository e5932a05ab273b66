import type { Request, Response } from 'express';

/** RFC 8288: where the next page of a list is, for whoever follows links. */
export function linkNext(request: Request, response: Response, cursor: string | null): void {
  if (cursor === null) return;
  const asked = new URL(request.originalUrl, 'http://127.0.0.1');
  asked.searchParams.set('cursor', cursor);
  response.setHeader('link', `<${asked.pathname}${asked.search}>; rel="next"`);
}
