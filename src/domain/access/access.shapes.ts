import { PRINCIPAL_KINDS, SCOPES } from '../authority/principal';
import { among, either, exactly, list, moment, nullable, text, type Members } from '../shape';
import type { AccessEventData } from './access.events';

/** What the data of every event has to be, in its newest version. */
export const ACCESS_EVENT_SHAPES: { readonly [T in keyof AccessEventData]: Members<AccessEventData[T]> } = {
  TokenCreated: {
    id: text,
    name: text,
    digest: text,
    scopes: list(among(SCOPES)),
    projects: either(exactly('*'), list(text)),
    kind: among(PRINCIPAL_KINDS),
    expiresAt: nullable(moment),
    by: text,
  },
  TokenRevoked: { id: text, by: text, reason: text },
};
