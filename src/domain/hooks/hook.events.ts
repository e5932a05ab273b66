import type { Fact } from '../fact';
import type { Digest } from '../ids';
import type { HookSource } from './hook-sources';
import type { HookMeaning } from './hook-table';
import type { HookCheck } from './read-delivery';

/** What others have told about a project, as far as it means anything here. */
export interface HookEventData {
  /** `digest`: of what was signed. Nothing else of the delivery is kept. */
  WebhookReceived: {
    project: string;
    source: HookSource;
    delivery: string;
    event: string;
    digest: Digest;
    meaning: HookMeaning;
    check: HookCheck | null;
  };
}
export type HookEvent = Fact<'WebhookReceived', HookEventData['WebhookReceived']>;

export const HOOK_EVENT_VERSIONS: Readonly<Record<HookEvent['type'], number>> = Object.freeze({
  WebhookReceived: 1,
});
