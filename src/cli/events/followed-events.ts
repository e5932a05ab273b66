import { setTimeout as delay } from 'node:timers/promises';
import type { EventsAsked } from '../../application/event-feed/event-requests';
import type { CloudEvent } from '../../domain/published/cloud-event';
import { withinSentence } from '../../domain/within-sentence';
import { Refused } from '../user-error';
import { framesOf } from './frames';

/** As services ask for it. */
const AGAIN_MS = 3_000;
/** Four signs of life: a connection that says nothing for so long is dead. */
const SILENT_MS = 60_000;
/** What is so again whenever it is asked for. */
const FINAL = (status: number) => status >= 400 && status < 500 && ![408, 429].includes(status);

export interface FollowedDeps {
  /** Asked anew for each connection: a service that was started again may have another address, and has another secret. */
  readonly service: () => Promise<{ readonly url: string; readonly token: string | null }>;
  readonly pathOf: (asked: EventsAsked) => string;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/** Follows a service over what becomes of its connections. @throws Refused */
export async function* followedEvents(deps: FollowedDeps, asked: EventsAsked): AsyncGenerator<CloudEvent> {
  const { signal, note } = deps;
  const place = { last: '' };
  let isBroken = false;
  while (!signal.aborted) {
    try {
      for await (const event of oneConnection(deps, asked, place)) {
        if (isBroken) note('the service tells of events again');
        isBroken = false;
        if (event) yield event;
      }
    } catch (error) {
      if (error instanceof Refused) throw error;
      if (!isBroken && !aborted(signal)) note(`no events at the moment: ${reasonOf(error)}; trying until there are`);
      isBroken = true;
    }
    await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Null for a sign of life. */
async function* oneConnection(
  { service, pathOf, signal }: FollowedDeps,
  asked: EventsAsked,
  place: { last: string },
): AsyncGenerator<CloudEvent | null> {
  const silent = new AbortController();
  const limit = setTimeout(() => {
    silent.abort(new Error(`nothing came for ${SILENT_MS / 1_000} s`));
  }, SILENT_MS);
  const { url, token } = await service();
  const headers = {
    accept: 'text/event-stream',
    ...(place.last !== '' && { 'last-event-id': place.last }),
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  try {
    const answer = await fetch(new URL(pathOf(asked), url), {
      headers,
      signal: AbortSignal.any([signal, silent.signal]),
    });
    if (!answer.ok || !answer.body) throw await refusalIn(answer);
    for await (const frame of framesOf(answer.body)) {
      limit.refresh();
      const data = frame.get('data');
      yield data === undefined ? null : (JSON.parse(data) as CloudEvent);
      // Behind it, so that what nobody has taken comes again.
      place.last = frame.get('id') ?? place.last;
    }
  } finally {
    clearTimeout(limit);
  }
}

async function refusalIn(answer: Response): Promise<Error> {
  const { detail, code } = (await answer.json().catch(() => ({}))) as { detail?: string; code?: string };
  const text = detail ?? `the service answered ${answer.status}`;
  return FINAL(answer.status) ? new Refused(text, code ?? String(answer.status)) : new Error(text);
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return withinSentence(cause?.message ?? message);
}

/** Asked anew each time. */
function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
