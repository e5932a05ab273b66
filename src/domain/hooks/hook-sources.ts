/** Who sends webhooks here. `generic` is whoever signs as Standard Webhooks has it. */
export const HOOK_SOURCES = ['github', 'gitea', 'plane', 'generic'] as const;
export type HookSource = (typeof HOOK_SOURCES)[number];

export function isHookSource(text: string): text is HookSource {
  return (HOOK_SOURCES as readonly string[]).includes(text);
}

/** Fits into the name of a stream; UUIDs do, and the ids of Standard Webhooks. */
const DELIVERY_ID = /^[A-Za-z0-9._~-]{1,100}$/;

/** Completes "expected …". */
export const A_DELIVERY_ID = '1 to 100 letters, digits and `._~-`';

export function isDeliveryId(text: string): boolean {
  return DELIVERY_ID.test(text);
}

/** Who brings what a delivery says, as events have it. */
export function hookName(project: string, source: HookSource): string {
  return `hook:${project}/${source}`;
}
