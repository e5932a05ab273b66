import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore, NewEvent } from '../../../src/application/ports/event-store';
import type { ExpectedRevision } from '../../../src/domain/fact';
import type { StoreTarget } from './adapter';
import { artifactsOf } from './artifact-places';
import { consume } from './consumer';
import { contend, type Contest } from './contend';
import { event, everything } from './events';
import { heldBytes } from './heap';
import { openTarget } from './open-target';

/** Each look collects what nobody uses any more. */
const LOOK_EVERY_MS = 20;

/** What a process of its own can be asked to do with the store. */
const JOBS = {
  append: (
    store: EventStore,
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    limits?: { timeoutMs?: number },
  ) => store.append(stream, expected, events, limits),
  contend: (store: EventStore, contest: Contest) => contend(store, contest),
  /** Appends `count` events one by one. @returns their number. */
  write: async (store: EventStore, stream: string, count: number) => {
    for (let sent = 0; sent < count; sent += 1) await appendNext(store, stream, sent);
    return count;
  },
  /** Appends until it is killed, by several callers, and notes in a file what was acknowledged. */
  writeUntilKilled: async (store: EventStore, stream: string, callers: number, acknowledged: string) => {
    const write = async (name: string) => {
      for (let sent = 0; ; sent += 1) {
        const { id } = await appendNext(store, name, sent);
        appendFileSync(acknowledged, `${id}\n`);
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, index) => write(`${stream}.${index}`)));
    return null;
  },
  /** Appends until the disk is full, then makes space and appends again. `disk` is the folder where it is mounted. */
  fillDisk: async (store: EventStore, disk: string) => {
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(500_000));
    let acknowledged = 0;
    let failure = '';
    const append = () =>
      store.append(`task-disk.${acknowledged}`, 'no-stream', [event({ data: { pad: 'x'.repeat(100_000) } })]);
    while (failure === '') {
      try {
        await append();
        acknowledged += 1;
      } catch (error) {
        failure = textOf(error);
      }
    }
    const stored = (await everything(store)).length;
    rmSync(ballast);
    return { failure, acknowledged, stored, afterwards: await append().then(() => 'ok', textOf) };
  },
  /** Reads an artifact whole. @returns its bytes, and how many more the process held at most while it was read. */
  readArtifact: async (store: EventStore, folder: string, digest: string) => {
    const held = heldBytes();
    let [bytes, most] = [0, 0];
    const timer = setInterval(() => (most = Math.max(most, heldBytes() - held)), LOOK_EVERY_MS);
    const opened = await artifactsOf(store, folder).open(digest);
    if (typeof opened === 'string') throw new Error(`expected an artifact, saw that it is ${opened}`);
    for await (const piece of opened.read()) bytes += piece.length;
    clearInterval(timer);
    return { bytes, most };
  },
  consume: (store: EventStore, readModel: string, dieAfter: number | null) => consume(store, readModel, dieAfter),
} as const;

export type Jobs = typeof JOBS;

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function appendNext(store: EventStore, stream: string, sent: number): Promise<NewEvent> {
  const next = event();
  await store.append(stream, sent === 0 ? 'no-stream' : BigInt(sent - 1), [next]);
  return next;
}

export interface JobRequest {
  readonly job: keyof Jobs;
  readonly parameters: readonly unknown[];
}

export type JobAnswer = { readonly result: unknown } | { readonly error: string };

async function main(target: StoreTarget): Promise<void> {
  const store = await openTarget(target);
  const run = async ({ job, parameters }: JobRequest): Promise<JobAnswer> => {
    const work = JOBS[job] as (store: EventStore, ...parameters: readonly unknown[]) => Promise<unknown>;
    try {
      return { result: await work(store, ...parameters) };
    } catch (error) {
      return { error: textOf(error) };
    }
  };
  process.on('message', (request: JobRequest) => {
    void run(request).then((answer) => process.send?.(answer));
  });
  process.on('disconnect', () => {
    process.exit();
  });
  process.send?.({ result: 'open' });
}

main(JSON.parse(process.argv[2] ?? '') as StoreTarget).catch((error: unknown) => {
  process.send?.({ error: String(error) });
});
