import type { IncomingHttpHeaders } from 'node:http';
import type { HookSource } from '../../domain/hooks/hook-sources';
import { STANDARD_HEADERS } from './standard-webhooks';

/** Where a source says what. */
export interface SourceHeaders {
  readonly id: string;
  /** Null where the body says it. */
  readonly event: string | null;
  readonly signature: string;
}

export const SOURCE_HEADERS: Readonly<Record<HookSource, SourceHeaders>> = {
  github: { id: 'x-github-delivery', event: 'x-github-event', signature: 'x-hub-signature-256' },
  gitea: { id: 'x-gitea-delivery', event: 'x-gitea-event', signature: 'x-gitea-signature' },
  plane: { id: 'x-plane-delivery', event: 'x-plane-event', signature: 'x-plane-signature' },
  generic: { id: STANDARD_HEADERS.id, event: null, signature: STANDARD_HEADERS.signature },
};

/** Empty where there is none. One that comes twice Node.js joins by a comma, which no signature and no id has. */
export function headerIn(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
