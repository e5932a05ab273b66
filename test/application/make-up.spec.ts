import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHAIN_START, toNewEvents } from '../../src/application/envelope';
import { makeUp } from '../../src/application/make-up';
import { AlertSink, type AlertMessage } from '../../src/application/ports/alert-sink';
import type { ArtifactStore } from '../../src/application/ports/artifact-store';
import type { Owed } from '../../src/application/ports/owed-reactions';
import { Reactions } from '../../src/application/reactions';
import { TaskLog } from '../../src/application/task-log';
import type { Fact } from '../../src/domain/fact';
import { TASK_EVENT_VERSIONS } from '../../src/domain/task/task.events';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { OwedFiles } from '../../src/infrastructure/system/owed-files';
import { NoProjects } from '../projections/support/harness';
import { SAMPLES } from '../support/odd-events';
import { QuietLog } from '../support/quiet-log';

const sample = (type: string, more: object = {}): Fact<string, object> => {
  const found = SAMPLES.find((each) => each.type === type);
  if (!found) throw new Error(`no sample of ${type}`);
  return { type, data: { ...found.data, ...more } };
};
const verdict = (digest: string) => sample('VerdictRecorded', { artifact: { name: '08-staging.md', digest } });
const ALERT = sample('AlertRaised');
const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];
const FACTS = [sample('TaskSubmitted', { taskId: 'web.T1', project: 'web' }), ALERT, verdict(OLD), verdict(NEW)];

const hasher = new NodeHasher();
const store = new MemoryEventStore();
const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-make-up-'));
const owedOf = (worker: string) => new OwedFiles(stateDir, worker, (each) => each === 'gone');
let ids: readonly string[];
let done: string[];

class Alerts extends AlertSink {
  send({ task }: AlertMessage): void {
    done.push(`alert of ${task}`);
  }
}

const reactions = new Reactions({
  alerts: new Alerts(),
  artifacts: {
    ensureNamed: (_task: string, { digest }: { digest: string }) => {
      done.push(`render ${digest.slice(0, 1)}`);
      return Promise.resolve({ kind: 'restored' });
    },
    get: () => Promise.resolve(null),
  } as unknown as ArtifactStore,
  git: {} as never,
  projects: new NoProjects(),
  owed: owedOf('self'),
  out: new QuietLog(),
});

async function start(): Promise<readonly string[]> {
  done = [];
  await makeUp({ store, log: new TaskLog(store, { hasher }), owed: owedOf('self'), reactions });
  await reactions.settled();
  return done;
}

const owed = (from: number, to: number): Owed => ({ task: 'web.T1', from: BigInt(from), ids: ids.slice(from, to) });
const left = () => readdirSync(join(stateDir, 'owed'));

beforeAll(async () => {
  const fields = {
    occurredAt: '2026-01-01T00:00:00.000Z',
    actor: 'ann',
    worker: 'gone',
    correlationId: '',
    causationId: '',
    policyDigest: null,
  };
  const at = { stream: 'task-web.T1', expected: 'no-stream', chain: CHAIN_START } as const;
  const id = (index: number) => new CryptoIds().eventId('made up', index);
  const made = toNewEvents(hasher, at, FACTS, TASK_EVENT_VERSIONS, fields, id);
  await store.append(at.stream, 'no-stream', made.events);
  ids = made.events.map((event) => event.id);
});
afterAll(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

test('where nothing was ever owed, nothing is done', async () => {
  expect(await start()).toEqual([]);
});

test('what a process that is gone owes is done, and once', async () => {
  await owedOf('gone').note(owed(1, 2));
  expect(await start()).toEqual(['alert of web.T1']);
  expect(left()).toEqual([]);
  expect(await start()).toEqual([]);
});

test('what was not stored, or is in the place of what was, asks for nothing', async () => {
  await owedOf('gone').note({ ...owed(1, 2), ids: ['0'.repeat(36)] });
  await owedOf('gone').note({ ...owed(1, 2), from: 9n });
  await owedOf('gone').note({ ...owed(1, 2), task: 'web.T9', ids: ['1'.repeat(36)] });
  expect(await start()).toEqual([]);
  expect(left()).toEqual([]);
});

test('an older artifact is never put where a newer one belongs', async () => {
  await owedOf('gone').note(owed(2, 3));
  expect(await start()).toEqual([]);
  expect(left()).toEqual([]);
  await owedOf('gone').note(owed(2, 4));
  expect(await start()).toEqual(['render b']);
});

test('what a process that lives owes is its own, and what is no note is left alone', async () => {
  await owedOf('alive').note(owed(1, 2));
  writeFileSync(join(stateDir, 'owed', `${'f'.repeat(36)}.json`), '{"worker":"gone","task":5}');
  writeFileSync(join(stateDir, 'owed', `${'e'.repeat(36)}.json`), 'none');
  expect(await start()).toEqual([]);
  expect(left()).toHaveLength(3);
});

test('an append that leaves nothing to do notes nothing', async () => {
  const event = FACTS[0] as never;
  expect(await reactions.beforeAppend([event], owed(0, 1))).toBeNull();
});
