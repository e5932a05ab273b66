import type { StoredEvent } from '../../src/application/ports/event-store';
import { isObject } from '../../src/domain/shape';
import type { HookEvent, HookEventData } from '../../src/domain/hooks/hook.events';
import type { TaskEventData } from '../../src/domain/task/task.events';
import { envelopeOf, recorded } from './recorded';
import { noting, type Violation } from './violation';

type Received = HookEventData['WebhookReceived'];

/**
 * I51: a delivery has one event, and moves a task once at most: what a task has by a webhook cites a delivery that the log has from before, of
 * its project, and says of that very commit what the delivery says.
 */
export function checkHooks(log: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  const received = new Map<string, Received>();
  const taken = new Set<string>();
  for (const stored of log) {
    const wrong = noting(violations, 'I51', stored);
    if (stored.type === 'WebhookReceived') {
      const { data } = recorded<HookEvent>(stored);
      const { project, source, delivery, digest } = data;
      if (stored.stream !== `webhook-${project}.${source}.${delivery}`)
        wrong('stands in the stream of another delivery');
      if (stored.revision !== 0n) wrong('is recorded again');
      if (envelopeOf(stored).actor !== byOf(data)) wrong(`is by ${envelopeOf(stored).actor}`);
      received.set(keyOf(project, { source, id: delivery, digest }), data);
    }
    if (stored.type === 'EvidenceRecorded') checkEvidence(stored, received, taken, wrong);
  }
  return violations;
}

function checkEvidence(
  stored: StoredEvent,
  received: ReadonlyMap<string, Received>,
  taken: Set<string>,
  wrong: (detail: string) => void,
): void {
  const { subjectOid, evidence } = recorded<{ type: 'EvidenceRecorded'; data: TaskEventData['EvidenceRecorded'] }>(
    stored,
  ).data;
  const { delivery, name, result, url, by } = evidence;
  if (!isObject(delivery)) {
    if (typeof by === 'string' && by.startsWith('hook:')) wrong('is by a webhook, and cites none');
    return;
  }
  const task = stored.stream.slice('task-'.length);
  const [project = ''] = task.split('.');
  const key = keyOf(project, delivery);
  const found = received.get(key);
  if (!found) {
    wrong(`cites ${key}, which the log does not have from before`);
    return;
  }
  const taking = `${task} ${found.digest}`;
  if (taken.has(taking)) wrong(`takes ${key} again`);
  taken.add(taking);
  const { check } = found;
  const said = JSON.stringify([check?.name, check?.result, check?.headOid, check?.url, byOf(found)]);
  const told = JSON.stringify([name, result, subjectOid, url, by]);
  if (said !== told) wrong(`says ${told}, and ${key} says ${said}`);
}

function byOf({ project, source }: Pick<Received, 'project' | 'source'>): string {
  return `hook:${project}/${source}`;
}

function keyOf(project: string, { source, id, digest }: Readonly<Record<string, unknown>>): string {
  return `${project} ${String(source)} ${String(id)} ${String(digest)}`;
}
