import { setTimeout as delay } from 'node:timers/promises';
import { distinctDeliveries, senderTo, twiceShuffled } from '../lib/deliveries.mjs';
import { FreshDatabases } from '../lib/fresh-databases.mjs';
import { startHooked } from '../lib/hooked-service.mjs';
import { load1, removeFolder, workFolder } from '../lib/machine.mjs';
import { findPostgres, startPostgres } from '../lib/private-postgres.mjs';
import { cpuMs, sampledMemory } from '../lib/process-stats.mjs';
import { latencies, rounded } from '../lib/stats.mjs';

const STORM = { distinct: 1_000, seconds: 60 };
/** Ten minutes of that storm, as fast as they are taken. */
const BURST = { distinct: 10_000, connections: 64 };

/** Webhooks of a forge that sends each twice: at the rate of a storm, and all at once; on both logs. */
export const hooks = {
  name: 'hooks',
  async run({ storm = STORM, burst = BURST }, emit) {
    const both = async (store, end, around) => {
      emit({ type: `hook-storm${end}`, store, ...(await around((service) => stormOn(service, storm))) });
      emit({ type: `hook-burst${end}`, store, ...(await around((service) => burstOn(service, burst))) });
    };
    await both('SQLite', '', inService);
    const bin = findPostgres();
    if (!bin) return void emit({ type: 'unavailable', engine: 'postgres', reason: 'no PostgreSQL' });
    const server = await startPostgres(bin);
    const databases = new FreshDatabases(server);
    await databases.open();
    try {
      await both('PostgreSQL', '-postgres', (work) => databases.around(({ database }) => inService(work, database)));
    } finally {
      await databases.close();
      await server.stop();
    }
  },
};

async function inService(work, database) {
  const dir = workFolder();
  const before = load1();
  const service = await startHooked({ dir, database });
  let stopped = null;
  const stop = () => (stopped ??= service.stop());
  try {
    const cpuBefore = cpuMs(service.pid);
    const memory = sampledMemory(service.pid);
    const { sent, distinct, ...record } = await work(service);
    const restMs = await service.untilRest();
    const rss = memory.stop();
    const cpu = cpuMs(service.pid) - cpuBefore;
    await stop();
    return {
      ...record,
      deliveries: sent.length,
      distinct: distinct.length,
      ...(await outcomeOf(service, sent, distinct)),
      rest_ms: Math.round(restMs),
      cpu_ms_each: rounded(cpu / sent.length),
      rss_mb: { before: rss[0], last: rss.at(-1), most: Math.max(...rss) },
      load1: [before, load1()],
    };
  } finally {
    await stop();
    removeFolder(dir);
  }
}

/** Each is sent when it is due, whatever the one before is doing: who waits for it is what is measured. */
async function stormOn({ url, heads }, { distinct: count, seconds }) {
  const distinct = distinctDeliveries(count, heads);
  const order = twiceShuffled(distinct);
  const { send, close } = senderTo(url, Infinity);
  const startedAt = performance.now();
  const sent = await Promise.all(
    order.map(async (delivery, index) => {
      const due = startedAt + (index * seconds * 1000) / order.length;
      await delay(due - performance.now());
      return { ...(await send(delivery)), ms: performance.now() - due };
    }),
  );
  close();
  return { seconds, sent, distinct };
}

async function burstOn({ url, heads }, { distinct: count, connections }) {
  const distinct = distinctDeliveries(count, heads);
  const order = twiceShuffled(distinct);
  const { send, close } = senderTo(url, connections);
  const startedAt = performance.now();
  let next = 0;
  const sent = [];
  const oneByOne = async () => {
    while (next < order.length) {
      const askedAt = performance.now();
      const answer = await send(order[next++]);
      sent.push({ ...answer, ms: performance.now() - askedAt });
    }
  };
  await Promise.all(Array.from({ length: connections }, oneByOne));
  close();
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds: rounded(seconds), connections, sent, distinct };
}

/** Whether there is one event of each, and each check is with its task once. */
async function outcomeOf({ eventsOf }, sent, distinct) {
  const events = await eventsOf(['webhook-', 'task-']);
  const received = events.filter(({ type }) => type === 'WebhookReceived').map(({ data }) => data.delivery);
  const evidence = events.filter(({ type }) => type === 'EvidenceRecorded').length;
  const ids = distinct.map(({ headers }) => headers['x-github-delivery']);
  const isOnce = received.length === ids.length && new Set(received).size === new Set([...ids, ...received]).size;
  const checks = distinct.filter(({ isCheck }) => isCheck).length;
  const { p50, p99 } = latencies(sent.map(({ ms }) => ms));
  const refused = sent.filter(({ status }) => status !== 200 && status !== 202).length;
  return {
    p50_ms: p50,
    p99_ms: p99,
    most_ms: rounded(Math.max(...sent.map(({ ms }) => ms))),
    refused,
    resent: sent.reduce((sum, { resent }) => sum + resent, 0),
    events: received.length,
    evidence,
    valid: isOnce && refused === 0 && evidence === checks,
  };
}
