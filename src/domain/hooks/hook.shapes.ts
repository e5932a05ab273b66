import { CHECK_RESULTS } from '../gates/outside-evidence';
import { among, nullable, object, oneOf, text, type Members } from '../shape';
import { HOOK_SOURCES } from './hook-sources';
import type { HookEventData } from './hook.events';
import type { HookCheck } from './read-delivery';

/** What the data of every event has to be, in its newest version. */
export const HOOK_EVENT_SHAPES: { readonly [T in keyof HookEventData]: Members<HookEventData[T]> } = {
  WebhookReceived: {
    project: text,
    source: among(HOOK_SOURCES),
    delivery: text,
    event: text,
    digest: text,
    meaning: oneOf({ look: true, evidence: true }),
    check: nullable(
      object<HookCheck>({ name: text, result: among(CHECK_RESULTS), headOid: text, url: nullable(text) }),
    ),
  },
};
