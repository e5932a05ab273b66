// The service of the benchmark of subscribers, in a process of its own: `fork` it, and tell it what to append.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { product } from './lib/product.mjs';
import { prepareUp } from './lib/up.mjs';

const TICK_MS = 10;
const LARGEST_APPEND = 400;

const [, , dir] = process.argv;
const env = prepareUp(dir, ['web'], dir);
const { loadServiceConfig } = product('infrastructure/config/service-config.js');
const { loadProjects } = product('infrastructure/config/project/load-projects.js');
const { NodeHasher } = product('infrastructure/system/node-hasher.js');
const { CryptoIds } = product('infrastructure/system/crypto-ids.js');
const { PinoLogger } = product('infrastructure/system/pino-logger.js');
const { Core } = product('compose/core.js');
const { Readiness } = product('infrastructure/http/readiness.js');
const { CHAIN_START, toNewEvents } = product('application/envelope.js');
const hasher = new NodeHasher();
const core = await Core.open({
  stateDir: dir,
  eventStore: { kind: 'file', path: join(dir, 'events.db') },
  readModel: { kind: 'file', path: join(dir, 'read-models.db') },
  projects: loadProjects(loadServiceConfig(env), hasher),
  agentEnvironment: [],
  logger: new PinoLogger({ level: 'warn' }),
});
await core.projector.start();
const readiness = new Readiness();
readiness.isReady = true;
const face = await product('main.js').serveHttp(core, readiness, '127.0.0.1', 0);
process.send({ url: face.url });

let last = { expected: 'no-stream', chain: CHAIN_START };
let count = 0;
const fields = { actor: 'bench', worker: 'bench', correlationId: 'web', causationId: '', policyDigest: null };

async function append(events, chars) {
  const facts = Array.from({ length: events }, (_, index) => ({
    type: 'SwitchSet',
    data: { switch: 'deploy', enabled: true, by: 'bench', reason: `${count + index}`.padEnd(chars, '.') },
  }));
  const from = count;
  const idOf = (index) => new CryptoIds().eventId(`bench:${from}`, index);
  const stream = 'switches-web';
  const at = { ...fields, occurredAt: new Date().toISOString() };
  const made = toNewEvents(hasher, { stream, ...last }, facts, {}, at, idOf);
  const { revision } = await core.store.append(stream, last.expected, made.events);
  last = { expected: revision, chain: made.chain };
  count += events;
}

/** As fast as it is asked for, in small appends, each behind the one before. */
async function appendAtRate({ rate, seconds, chars }) {
  const startedAt = performance.now();
  const all = rate * seconds;
  for (let done = 0; done < all;) {
    const due = Math.min(all, Math.ceil(((performance.now() - startedAt) / 1000) * rate));
    if (due > done) await append(Math.min(due - done, LARGEST_APPEND), chars);
    done += Math.min(due - done, LARGEST_APPEND);
    await delay(TICK_MS);
  }
  return { seconds: (performance.now() - startedAt) / 1000 };
}

async function fill({ events, chars }) {
  for (let done = 0; done < events; done += LARGEST_APPEND) await append(LARGEST_APPEND, chars);
  return {};
}

const WORK = { rate: appendAtRate, fill };
process.on('message', (job) => {
  void WORK[job.what](job).then((result) => process.send({ ...result, count }));
});
await once(process, 'disconnect');
writeFileSync(join(dir, 'stopped'), '');
await face.close();
await core.close();
