import type { EventsAsked } from '../../application/event-feed/event-requests';
import type { CloudEvent } from '../../domain/published/cloud-event';
import { stdout } from '../../infrastructure/terminal/standard-stream';
import type { Client } from '../client';
import { EXIT } from '../exit-codes';
import type { Output } from '../output';
import { Interrupted, untilInterrupted } from '../signals';
import { eventLine } from './event-line';
import { pagesOf } from './events-source';

export interface EventsFlags {
  readonly from: string;
  readonly project?: readonly string[];
  readonly task?: readonly string[];
  readonly type?: readonly string[];
  readonly follow?: boolean;
}

/** Prints the log, and what comes. @returns the exit code. */
export async function showEvents(client: Client, output: Output, flags: EventsFlags): Promise<number> {
  const asked: EventsAsked = {
    from: flags.from,
    ...(flags.project && { project: flags.project.join() }),
    ...(flags.task && { task: flags.task.join() }),
    ...(flags.type && { type: flags.type.join() }),
  };
  const stop = new AbortController();
  const events = flags.follow
    ? client.logEvents.follow(asked, stop.signal, (text) => {
        output.note(text);
      })
    : pagesOf(client.logEvents, asked);
  const printing = print(events, output, stop.signal);
  const ended = await untilInterrupted(printing);
  if (!(ended instanceof Interrupted)) return EXIT.ok;
  stop.abort();
  await printing.catch(() => undefined);
  return ended.code;
}

/** No faster than it is taken, and no longer than somebody takes it. */
async function print(events: AsyncIterable<CloudEvent>, output: Output, signal: AbortSignal): Promise<void> {
  for await (const event of events) {
    if (signal.aborted || stdout.isClosed) return;
    if (output.isJson) output.json(event);
    else output.line(...eventLine(event));
    await stdout.flush();
  }
}
