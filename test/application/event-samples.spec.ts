import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { recorded } from '../support/recorded';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { evolveLane, initialLane } from '../../src/domain/lane/lane.decider';
import { ACCESS_EVENT_VERSIONS, type AccessEvent } from '../../src/domain/access/access.events';
import { evolveAccess, initialAccess } from '../../src/domain/access/access.state';
import { LANE_EVENT_VERSIONS, type LaneEvent } from '../../src/domain/lane/lane.events';
import { HOOK_EVENT_VERSIONS } from '../../src/domain/hooks/hook.events';
import { POLICY_EVENT_VERSIONS } from '../../src/domain/policy/policy.events';
import { SWITCH_EVENT_VERSIONS } from '../../src/domain/policy/switches.events';
import { SUBSCRIBER_EVENT_VERSIONS } from '../../src/domain/subscriber/subscriber.events';
import { evolve } from '../../src/domain/task/evolve';
import { TASK_EVENT_VERSIONS, type TaskEvent } from '../../src/domain/task/task.events';
import { initialTask } from '../../src/domain/task/task.state';
import { upcastTaskEvent } from '../../src/domain/task/task.upcasters';
import { isAppended } from '../docs/event-catalogue';

/**
 * One stored event of every type and version that was ever written, each as a log has it. Never edited: a new version is a
 * new file, and what reads it lifts the old one.
 */
const FOLDER = resolve(__dirname, '../fixtures/events');

const CURRENT: Readonly<Record<string, number>> = {
  ...TASK_EVENT_VERSIONS,
  ...LANE_EVENT_VERSIONS,
  ...POLICY_EVENT_VERSIONS,
  ...SWITCH_EVENT_VERSIONS,
  ...SUBSCRIBER_EVENT_VERSIONS,
  ...ACCESS_EVENT_VERSIONS,
  ...HOOK_EVENT_VERSIONS,
};
const names = readdirSync(FOLDER).sort();
const samples = names.map((name) => [name, sampleOf(name)] as const);

test('there is one sample of every version of every event that is appended', () => {
  const written = Object.entries(CURRENT).filter(([type]) => isAppended(type));
  const expected = written.flatMap(([type, version]) =>
    Array.from({ length: version }, (_, index) => `${type}.v${index + 1}.json`),
  );
  expect(names).toEqual(expected.sort());
});

test.each(samples)('%s says in its envelope what its name says', (name, { type, meta }) => {
  expect(name).toBe(`${type}.v${Number(meta['v'])}.json`);
});

test('what a reader is given of each has the shape that is declared today', () => {
  const lines = samples.map(([, stored], index) => {
    const { type, data } = current(stored);
    const declared = type in POLICY_EVENT_VERSIONS ? "PolicyEvent['data']" : `${mapOf(type)}['${type}']`;
    return `export const sample${index}: ${declared} = ${JSON.stringify(data)};`;
  });
  expect(typeErrors(lines.join('\n'))).toEqual([]);
});

test('a sample that lacks what is declared, or has more, is noticed', () => {
  expect(typeErrors("export const less: LaneEventData['LaneGranted'] = { taskId: 'web.a' };")).toHaveLength(1);
  const more = "export const more: LaneEventData['LaneGranted'] = { taskId: 'web.a', headOid: 'a', x: 1 };";
  expect(typeErrors(more)).toHaveLength(1);
});

test.each(samples)('%s can be folded', (_name, stored) => {
  const event = current(stored);
  const when = { at: event.envelope.occurredAt, policyDigest: event.envelope.policyDigest };
  if (stored.type in TASK_EVENT_VERSIONS) {
    const submitted = evolve(initialTask(), recorded<TaskEvent>(sampleOf('TaskSubmitted.v1.json')), when);
    expect(evolve(submitted, event as TaskEvent, when)).toMatchObject({ kind: 'submitted' });
  } else if (stored.type in LANE_EVENT_VERSIONS) {
    expect(evolveLane(initialLane(), event as unknown as LaneEvent, when.at)).not.toEqual(initialLane());
  } else if (stored.type in ACCESS_EVENT_VERSIONS) {
    const created = recorded<AccessEvent>(sampleOf('TokenCreated.v1.json'));
    const before = evolveAccess(initialAccess(), created, when.at);
    expect(before.tokens).toMatchObject([{ name: 'ci', revoked: null }]);
    if (stored.type === 'TokenRevoked')
      expect(evolveAccess(before, event as unknown as AccessEvent, when.at).tokens).toMatchObject([
        { revoked: { by: 'local' } },
      ]);
  } else {
    const others = {
      ...POLICY_EVENT_VERSIONS,
      ...SWITCH_EVENT_VERSIONS,
      ...SUBSCRIBER_EVENT_VERSIONS,
      ...HOOK_EVENT_VERSIONS,
    };
    expect(others).toHaveProperty(event.envelope.type);
  }
});

function mapOf(type: string): string {
  if (type in TASK_EVENT_VERSIONS) return 'TaskEventData';
  if (type in ACCESS_EVENT_VERSIONS) return 'AccessEventData';
  if (type in SWITCH_EVENT_VERSIONS) return 'SwitchEventData';
  if (type in HOOK_EVENT_VERSIONS) return 'HookEventData';
  return type in LANE_EVENT_VERSIONS ? 'LaneEventData' : 'SubscriberEventData';
}

function sampleOf(name: string): StoredEvent {
  const stored = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Record<'revision' | 'recordedAt', string>;
  const { revision, recordedAt } = stored;
  return { ...(stored as unknown as StoredEvent), revision: BigInt(revision), recordedAt: new Date(recordedAt) };
}

function current(stored: StoredEvent) {
  const event = recorded<TaskEvent>(stored);
  return { ...upcastTaskEvent(event, event.envelope.version), envelope: event.envelope };
}

/** What the compiler says about a text that knows the types of all events. */
function typeErrors(text: string): readonly string[] {
  const file = join(FOLDER, 'samples.ts');
  const source = [
    "import type { TaskEventData } from '../../../src/domain/task/task.events';",
    "import type { AccessEventData } from '../../../src/domain/access/access.events';",
    "import type { LaneEventData } from '../../../src/domain/lane/lane.events';",
    "import type { HookEventData } from '../../../src/domain/hooks/hook.events';",
    "import type { SubscriberEventData } from '../../../src/domain/subscriber/subscriber.events';",
    "import type { SwitchEventData } from '../../../src/domain/policy/switches.events';",
    "import type { PolicyEvent } from '../../../src/domain/policy/policy.events';",
    text,
  ].join('\n');
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  host.readFile = (name) => (name === file ? source : read(name));
  host.fileExists = (name) => name === file || existsSync(name);
  const program = ts.createProgram([file], options, host);
  const found = program.getSemanticDiagnostics(program.getSourceFile(file));
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
