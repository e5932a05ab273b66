import { isCheckName, isCheckResult, isCheckUrl, type CheckResult } from '../gates/outside-evidence';
import { isOid, type Oid } from '../ids';
import { isObject } from '../shape';
import type { HookSource } from './hook-sources';
import { hookRow } from './hook-table';

/** How a check of a commit went, as a delivery says. */
export interface HookCheck {
  readonly name: string;
  readonly result: CheckResult;
  readonly headOid: Oid;
  readonly url: string | null;
}

export type DeliveryReading =
  | { readonly meaning: 'acknowledged' }
  | { readonly meaning: 'look'; readonly event: string }
  | { readonly meaning: 'evidence'; readonly event: string; readonly check: HookCheck };

/**
 * @param event as the source calls it.
 * @param payload any JSON at all: what is not as the source sends it says nothing of a check.
 * @param required the checks that the project requires; of others nothing is recorded as evidence.
 */
export function readDelivery(
  source: HookSource,
  event: string,
  payload: unknown,
  required: readonly string[],
): DeliveryReading {
  const row = hookRow(source, event);
  if (row === null) return { meaning: 'acknowledged' };
  const check = row.meaning === 'evidence' ? checkIn(source, event, payload) : null;
  return check && required.includes(check.name) ? { meaning: 'evidence', event, check } : { meaning: 'look', event };
}

function checkIn(source: HookSource, event: string, payload: unknown): HookCheck | null {
  if (source === 'generic') {
    const data = own(payload, 'data');
    return checkOf(own(data, 'name'), own(data, 'result'), own(data, 'headOid'), own(data, 'url'));
  }
  if (event === 'check_run') {
    const run = own(payload, 'check_run');
    if (own(run, 'status') !== 'completed') return null;
    return checkOf(own(run, 'name'), own(run, 'conclusion'), own(run, 'head_sha'), own(run, 'html_url'));
  }
  return checkOf(own(payload, 'context'), own(payload, 'state'), own(payload, 'sha'), own(payload, 'target_url'));
}

/** @returns null unless all of it is there. A link that cannot be kept is no reason to doubt the rest. */
function checkOf(name: unknown, result: unknown, headOid: unknown, url: unknown): HookCheck | null {
  if (typeof name !== 'string' || typeof result !== 'string' || typeof headOid !== 'string') return null;
  if (!isCheckName(name) || !isCheckResult(result) || !isOid(headOid)) return null;
  return { name, result, headOid, url: typeof url === 'string' && isCheckUrl(url) ? url : null };
}

/** What a sender has written, never what objects have by themselves. */
function own(value: unknown, member: string): unknown {
  return isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;
}
