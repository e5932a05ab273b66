import type { handleServerStreamingCall, ServerWritableStream, ServiceError } from '@grpc/grpc-js';
import { ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { hits, type Faults, type PeerReport } from './faults';
import { caughtUp, checkpoint, confirmation, nameOf, readEvent, streamNotFound } from './messages';
import type { PeerLog, StoredPeerEvent } from './peer-log';
import { REFUSALS } from './refusals';

type Call = ServerWritableStream<ReadReq, ReadResp>;
type Options = ReadReq.Options;

const DEFAULT_WINDOW = 32;

/** Read: streams, the whole log, and subscriptions to it. */
export function serveReads(
  log: PeerLog,
  faults: Faults,
  report: PeerReport,
  subscriptions: Set<Call>,
  leader: () => readonly [host: string, port: number],
): handleServerStreamingCall<ReadReq, ReadResp> {
  return (call) => {
    call.on('error', () => undefined); // The caller is gone.
    const options = call.request.getOptions();
    const refused = !options ? REFUSALS.violation('a read without options') : refusal();
    if (!options || refused) {
      call.emit('error', refused);
      return;
    }
    if (hits(faults, 'muteReads')) return;
    if (options.hasSubscription()) {
      report.subscriptions += 1;
      subscriptions.add(call);
      void subscribe(log, faults, call, options).finally(() => subscriptions.delete(call));
      return;
    }
    report.reads += 1;
    void send(call, options.hasStream() ? ofStream(log, options) : ofAll(log, options)).then(() => call.end());
  };

  function refusal(): ServiceError | null {
    if (faults.isAccessDenied) return REFUSALS.accessDenied();
    if (hits(faults, 'notLeaderReads')) return REFUSALS.notLeader(...leader());
    if (hits(faults, 'unknownReads')) return REFUSALS.unknown();
    if (hits(faults, 'refusedReads')) return REFUSALS.wanted(faults.refusal);
    return hits(faults, 'unavailableReads') ? REFUSALS.unavailable() : null;
  }
}

function ofStream(log: PeerLog, options: Options): readonly ReadResp[] {
  const of = options.getStream();
  const name = nameOf(of?.getStreamIdentifier());
  const stream = log.stream(name);
  if (!stream) return [streamNotFound(name)];
  const count = Number(options.getCount());
  const isBackwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const last = stream.length - 1;
  const from = of?.hasStart() ? 0 : of?.hasEnd() ? last : Number(of?.getRevision());
  if (!isBackwards) return stream.slice(from, from + count).map(readEvent);
  const behind = Math.min(from, last) + 1;
  return stream
    .slice(Math.max(0, behind - count), behind)
    .reverse()
    .map(readEvent);
}

function ofAll(log: PeerLog, options: Options): readonly ReadResp[] {
  const all = options.getAll();
  const count = Number(options.getCount());
  const at = all?.hasPosition() ? Number(all.getPosition()?.getCommitPosition()) : all?.hasStart() ? 0 : Infinity;
  const isBackwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const found = isBackwards
    ? log.events
        .filter(({ position }) => position < at)
        .slice(-count)
        .reverse()
    : log.events.filter(({ position }) => position >= at).slice(0, count);
  return found.map(readEvent);
}

async function send(call: Call, messages: readonly ReadResp[]): Promise<void> {
  for (const message of messages) {
    if (call.cancelled) return;
    await write(call, message);
  }
}

/** Whoever reads slowly is waited for, as a server does: nothing piles up here. */
async function write(call: Call, message: ReadResp): Promise<void> {
  if (!call.write(message)) await until(call, ['drain', 'cancelled', 'finish']);
}

async function subscribe(log: PeerLog, faults: Faults, call: Call, options: Options): Promise<void> {
  const all = options.getAll();
  const after = all?.hasPosition() ? Number(all.getPosition()?.getCommitPosition()) : 0;
  let index = all?.hasEnd() ? log.events.length : log.events.findIndex(({ position }) => position > after);
  if (index < 0) index = log.events.length;
  const matches = filterOf(options);
  const window = checkpointWindow(options);
  let unseen = 0;
  let isLive = false;
  await write(call, confirmation());
  while (!call.cancelled && !call.writableEnded) {
    const event = log.events[index];
    if (!event) {
      if (!isLive && !faults.isWithoutCaughtUp) await write(call, caughtUp());
      isLive = true;
      if (log.events[index] === undefined) await until(call, ['cancelled', 'finish'], (done) => log.onGrowth(done));
      continue;
    }
    index += 1;
    unseen += 1;
    if (matches(event)) await write(call, readEvent(event));
    if (unseen < window) continue;
    unseen = 0;
    await write(call, checkpoint(event.position));
  }
}

/** Until one of the events, or what `also` waits for. `also` returns how to stop waiting. */
async function until(
  call: Call,
  events: readonly string[],
  also: (done: () => void) => () => void = () => () => undefined,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = also(done);
    for (const event of events) call.once(event, done);
    function done() {
      stop();
      for (const event of events) call.off(event, done);
      resolve();
    }
  });
}

function filterOf(options: Options): (event: StoredPeerEvent) => boolean {
  const by = options.getFilter()?.getStreamIdentifier();
  if (!by) return () => true;
  const prefixes = by.getPrefixList();
  if (prefixes.length > 0) return ({ stream }) => prefixes.some((prefix) => stream.startsWith(prefix));
  const pattern = new RegExp(by.getRegex());
  return ({ stream }) => pattern.test(stream);
}

function checkpointWindow(options: Options): number {
  const filter = options.getFilter();
  if (!filter) return Infinity;
  const window = filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
  return window * filter.getCheckpointintervalmultiplier();
}
