// The only file that knows the client: another one, its successor for example, would be taken here.
import {
  BACKWARDS,
  END,
  EventStoreDBClient,
  FORWARDS,
  NO_STREAM,
  START as FROM_START,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type Credentials,
  type JSONEventData,
  type ResolvedEvent,
} from '@eventstore/db-client';
import type { Position, StoredEvent } from '../../../../application/ports/event-store';
import type { JsonObject } from '../../../../domain/json';
import type { ValidAppend } from '../../validate-append';
import { optionOf } from '../server/address';
import { authorityOf } from '../server/authority';
import { collect } from './collect';
import { IN_CATEGORY, START } from '../places';
import { toStored, type Recorded } from '../stored-event';
import { EventQueue } from './event-queue';

/** Below it the client warns; each client has its own, because clients with equal options share a connection. */
const KEEP_ALIVE_MS = 10_000;
const KEEP_ALIVE_SPREAD = 5_000;
/**
 * Looking for the leader among several hosts cannot be called off, and keeps the process until it is over. The client's own 10
 * times 5 s for each host that is mute are far behind our limits; whoever asks us asks again.
 */
const DISCOVERY = { maxDiscoverAttempts: 2, gossipTimeout: 2 };
/** The client's own deadline, behind ours: it only clears up. */
const CLEARED_AFTER_MS = 1_000;
/** A call with credentials goes by itself, one without through a stream that all clients of a process share. */
const NOBODY: Credentials = { username: 'stagegate', password: 'none' };
/** Events looked through before a place is told although none of them was wanted. */
export const SEARCH_WINDOW = 32;

/** What `probe` would append. */
export const PROBE = {
  stream: 'stagegate-probe',
  expected: 2n ** 53n,
  id: '00000000-0000-4000-8000-000000000000',
  type: 'Probe',
} as const;

let clients = 0;

/** Where a page of a stream begins, which way it goes, and its size. */
export interface PageRequest {
  readonly from: bigint | 'start' | 'end';
  readonly isBackwards: boolean;
  readonly count: number;
  readonly withinMs: number;
}

/** One client with its connection, until it is disposed of. */
export class Client {
  private readonly client: EventStoreDBClient;
  private readonly credentials: Credentials;

  /** @throws StoreUnavailable STORE_CA_FILE */
  constructor(url: string) {
    authorityOf(url);
    clients += 1;
    const keepAliveMs = KEEP_ALIVE_MS + (clients % KEEP_ALIVE_SPREAD);
    const separator = url.includes('?') ? '&' : '?';
    const unset = Object.entries(DISCOVERY).filter(([name]) => optionOf(url, name) === undefined);
    const options = [
      ...unset.map(([name, value]) => `${name}=${value}`),
      `keepAliveInterval=${keepAliveMs}`,
      `keepAliveTimeout=${KEEP_ALIVE_MS}`,
      'connectionName=stagegate',
    ];
    this.client = EventStoreDBClient.connectionString(`${url}${separator}${options.join('&')}`);
    this.credentials = credentialsIn(url) ?? NOBODY;
  }

  /** @returns revision of the last event, and where it stands if the server says so. @throws what the client throws */
  async append(
    { stream, expected, events }: ValidAppend,
    timeoutMs: number,
  ): Promise<{ readonly revision: bigint; readonly position?: Position }> {
    const { credentials } = this;
    const expectedRevision: bigint | typeof NO_STREAM = expected === 'no-stream' ? NO_STREAM : expected;
    const deadline = timeoutMs + CLEARED_AFTER_MS;
    const options = { expectedRevision, requiresLeader: true, credentials, deadline };
    const result = await this.client.appendToStream(stream, events.map(toClientEvent), options);
    return { revision: result.nextExpectedRevision, ...(result.position && { position: result.position }) };
  }

  /**
   * An append of so many bytes at a revision that no stream has: refused in any case, for its size or for that.
   *
   * @throws what the client throws
   */
  async probe(bytes: number, timeoutMs: number): Promise<void> {
    const { id, stream, expected, type } = PROBE;
    const data = new Uint8Array(Math.max(1, bytes - 2 * type.length));
    const event = { id, type, contentType: 'application/octet-stream', data, metadata: undefined } as const;
    const deadline = timeoutMs + CLEARED_AFTER_MS;
    const options = { expectedRevision: expected, requiresLeader: true, credentials: this.credentials, deadline };
    await this.client.appendToStream(stream, [event], options);
  }

  /** @throws what the client throws, or `TookTooLong` */
  async readStream(stream: string, { from, isBackwards, count, withinMs }: PageRequest): Promise<StoredEvent[]> {
    const direction = isBackwards ? BACKWARDS : FORWARDS;
    const fromRevision = from === 'start' ? FROM_START : from === 'end' ? END : from;
    const page = this.client.readStream(stream, {
      direction,
      fromRevision,
      maxCount: count,
      requiresLeader: true,
      credentials: this.credentials,
    });
    const found = await collect<ResolvedEvent>(page, withinMs);
    return found.flatMap(({ event }) => (event ? [toStored(event as Recorded)] : []));
  }

  /** Place of the newest event of all, whoever's it is. @throws what the client throws, or `TookTooLong` */
  async readEnd(withinMs: number): Promise<Position> {
    const [last] = await this.readBackwards(1, withinMs);
    return last?.event?.position ?? START;
  }

  /** Those of ours among the newest events. @throws what the client throws, or `TookTooLong` */
  async readNewest(count: number, withinMs: number): Promise<StoredEvent[]> {
    const newest = await this.readBackwards(count, withinMs);
    return newest.flatMap(({ event }) => (event && IN_CATEGORY.test(event.streamId) ? [toStored(event)] : []));
  }

  /** What comes behind a place: events, places up to which there was nothing more, and that all there was has come. */
  subscribe(after: Position, prefixes: readonly string[], confirmedWithinMs: number): EventQueue {
    const queue = new EventQueue(confirmedWithinMs);
    const checkpointReached = async (_: unknown, position: Position) => {
      queue.place(position);
    };
    const how = { checkpointReached, maxSearchWindow: SEARCH_WINDOW };
    // The empty prefix is every stream of ours, and none of the server's own.
    const filter = prefixes.includes('')
      ? streamNameFilter({ ...how, regex: IN_CATEGORY.source })
      : streamNameFilter({ ...how, prefixes: [...prefixes] });
    queue.follow(
      this.client.subscribeToAll({
        fromPosition: after.commit === START.commit ? FROM_START : after,
        filter,
        requiresLeader: true,
        credentials: this.credentials,
      }),
    );
    return queue;
  }

  private readBackwards(count: number, withinMs: number): Promise<AllStreamResolvedEvent[]> {
    const page = this.client.readAll({
      direction: BACKWARDS,
      fromPosition: END,
      maxCount: count,
      requiresLeader: true,
      credentials: this.credentials,
    });
    return collect<AllStreamResolvedEvent>(page, withinMs);
  }

  /** Ends every read and subscription. An append under way ends by its deadline. */
  async dispose(): Promise<void> {
    await this.client.dispose();
    // Else its connection stays, and with it an entry in a registry of the library for ever.
    const { getChannel } = this.client as unknown as { getChannel?: () => Promise<{ close(): void }> };
    const channel = await getChannel?.();
    channel?.close();
  }
}

/** Parsed anew, so that nobody changes what is being sent through an object they hold. */
function toClientEvent({ id, type, data, meta }: ValidAppend['events'][number]): JSONEventData {
  const [asData, metadata] = [JSON.parse(data), JSON.parse(meta)] as [JsonObject, JsonObject];
  return { id, type, contentType: 'application/json', data: asData, metadata };
}

/** @returns null when the URL has none. */
function credentialsIn(url: string): Credentials | null {
  const [, username, password] = /^[a-z+]+:\/\/([^:@/]+):([^:@/]+)@/.exec(url) ?? [];
  if (username === undefined || password === undefined) return null;
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
