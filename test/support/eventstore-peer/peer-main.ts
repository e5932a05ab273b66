import { readFileSync } from 'node:fs';
import { Server, ServerCredentials, type Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { NO_FAULTS, type Faults, type PeerReport, type Settings } from './faults';
import { PeerLog } from './peer-log';
import { REFUSALS } from './refusals';
import { serveAppends } from './serve-appends';
import { serveGossip } from './serve-gossip';
import { serveReads } from './serve-reads';

const HOST = '127.0.0.1';

/** A process that answers the real client as a server does, as far as STREAMS goes, and misbehaves when it is told to. */
async function main(
  logFile: string,
  wantedPort: number,
  settings: Settings,
  key?: string,
  chain?: string,
): Promise<void> {
  const log = new PeerLog(logFile);
  const faults: Faults = { ...NO_FAULTS };
  const report: PeerReport = newReport();
  const subscriptions = new Set<ServerWritableStream<ReadReq, ReadResp>>();
  const peers = new Set<string>();
  let port = wantedPort;
  const leader = (): readonly [string, number] => [HOST, faults.leaderPort || port];
  const forbidden = (what: string) => (call: { getPeer(): string }, reply?: (error: unknown) => void) => {
    report.violations.push(what);
    if (reply) reply(REFUSALS.violation(what));
    else (call as unknown as ServerWritableStream<ReadReq, ReadResp>).emit('error', REFUSALS.violation(what));
  };
  const counted = <H extends (call: never, reply: never) => void>(handler: H) =>
    ((call: { getPeer(): string; metadata: Metadata }, reply: unknown) => {
      peers.add(call.getPeer());
      const [said] = call.metadata.get('authorization');
      if (said !== undefined && !report.users.includes(String(said))) report.users.push(String(said));
      report.connections = peers.size;
      (handler as unknown as (call: unknown, reply: unknown) => void)(call, reply);
    }) as unknown as H;

  // Events of 1 MiB three at a time and more: a real server takes 16 MiB.
  const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
  server.addService(StreamsService, {
    append: counted(serveAppends(log, settings, faults, report, leader)),
    read: counted(serveReads(log, faults, report, subscriptions, leader)),
    batchAppend: forbidden('BatchAppend'),
    delete: forbidden('Delete'),
    tombstone: forbidden('Tombstone'),
  });
  server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethods });
  server.addService(GossipService, {
    read: serveGossip(
      // TLS asks for a name.
      key === undefined ? HOST : 'localhost',
      () => faults.members,
      () => port,
    ),
  });

  port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${HOST}:${wantedPort}`, credentialsOf(key, chain), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });

  const orders: Orders = {
    misbehave: (wanted) => {
      Object.assign(faults, wanted);
      return null;
    },
    endSubscriptions: () => {
      for (const call of subscriptions) call.end();
      return subscriptions.size;
    },
    report: () => report,
    stored: (stream) => log.stored(stream).map(({ id }) => id),
    storeForeign: (stream) => {
      const data = Buffer.from('no JSON').toString('base64');
      const id = '00000000-0000-4000-8000-000000000002';
      log.append(stream, null, [{ id, type: 'Foreign', contentType: 'application/json', data, metadata: '' }]);
      log.show(Infinity);
      return null;
    },
    clear: () => {
      for (const call of subscriptions) call.end();
      log.clear();
      Object.assign(faults, NO_FAULTS);
      Object.assign(report, newReport());
      peers.clear();
      return null;
    },
  };
  process.on('message', ({ order, parameter }: PeerRequest) => {
    process.send?.({ result: (orders[order] as (parameter: unknown) => unknown)(parameter) });
  });
  process.on('disconnect', () => {
    process.exit();
  });
  process.send?.({ result: port });
}

function newReport(): PeerReport {
  return { appends: 0, dropped: 0, subscriptions: 0, reads: 0, connections: 0, users: [], violations: [] };
}

/** What the peer can be told to do, and asked. */
export interface Orders {
  misbehave: (faults: Partial<Faults>) => null;
  endSubscriptions: () => number;
  report: () => PeerReport;
  /** Ids of a stream, in order. */
  stored: (stream: string) => readonly string[];
  /** An event of another program, which says that it is JSON and is not. */
  storeForeign: (stream: string) => null;
  clear: () => null;
}

export interface PeerRequest {
  readonly order: keyof Orders;
  readonly parameter: unknown;
}

/** Batches are offered too, as every server does: a client that takes them is found out. */
function supportedMethods(_call: unknown, reply: (error: null, answer: SupportedMethods) => void): void {
  const answer = new SupportedMethods().setEventStoreServerVersion('0.0.0-peer');
  for (const name of ['append', 'read', 'batchappend']) {
    answer.addMethods(new SupportedMethod().setServiceName('event_store.client.streams.streams').setMethodName(name));
  }
  reply(null, answer);
}

function credentialsOf(key?: string, chain?: string): ServerCredentials {
  if (key === undefined || chain === undefined) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(null, [{ private_key: readFileSync(key), cert_chain: readFileSync(chain) }]);
}

const [logFile = '', port, settings = '', key, chain] = process.argv.slice(2);
main(logFile, Number(port), JSON.parse(settings) as Settings, key, chain).catch((error: unknown) => {
  process.send?.({ error: String(error) });
});
