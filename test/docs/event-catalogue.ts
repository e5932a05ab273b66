import ts from 'typescript';
import { ACCESS_EVENT_VERSIONS } from '../../src/domain/access/access.events';
import { ARTIFACT_EVENT_VERSIONS } from '../../src/domain/artifact/artifact.events';
import { HOOK_EVENT_VERSIONS } from '../../src/domain/hooks/hook.events';
import { LANE_EVENT_VERSIONS } from '../../src/domain/lane/lane.events';
import { POLICY_EVENT_VERSIONS } from '../../src/domain/policy/policy.events';
import { SWITCH_EVENT_VERSIONS } from '../../src/domain/policy/switches.events';
import { SUBSCRIBER_EVENT_VERSIONS } from '../../src/domain/subscriber/subscriber.events';
import { TASK_EVENT_VERSIONS } from '../../src/domain/task/task.events';
import { filesBelow, markdownTable, textOf } from './pages';
import { declarationOf, fieldsOf, flat, interfaceOf, parse, typeText, type Field } from './typescript-shapes';
import { EVENT_MEANINGS } from './event-meanings';

const TASK = 'src/domain/task/task.events.ts';
const LANE = 'src/domain/lane/lane.events.ts';
const POLICY = 'src/domain/policy/policy.events.ts';
const ACCESS = 'src/domain/access/access.events.ts';
const SWITCHES = 'src/domain/policy/switches.events.ts';
const ARTIFACT = 'src/domain/artifact/artifact.events.ts';
const HOOKS = 'src/domain/hooks/hook.events.ts';
const SUBSCRIBER = 'src/domain/subscriber/subscriber.events.ts';

/** Markdown table of every event in one of the files: type, version, fields, meaning. */
export function eventTable(
  of: 'task' | 'lane' | 'policy' | 'access' | 'switch' | 'artifact' | 'subscriber' | 'hook',
): string {
  const { fields, versions } = {
    task: () => ({ fields: fieldsOfInterface(TASK, 'TaskEventData'), versions: TASK_EVENT_VERSIONS }),
    lane: () => ({ fields: fieldsOfInterface(LANE, 'LaneEventData'), versions: LANE_EVENT_VERSIONS }),
    policy: () => ({ fields: fieldsOfFact(), versions: POLICY_EVENT_VERSIONS }),
    access: () => ({ fields: fieldsOfInterface(ACCESS, 'AccessEventData'), versions: ACCESS_EVENT_VERSIONS }),
    switch: () => ({ fields: fieldsOfInterface(SWITCHES, 'SwitchEventData'), versions: SWITCH_EVENT_VERSIONS }),
    artifact: () => ({ fields: fieldsOfInterface(ARTIFACT, 'ArtifactEventData'), versions: ARTIFACT_EVENT_VERSIONS }),
    hook: () => ({ fields: fieldsOfInterface(HOOKS, 'HookEventData'), versions: HOOK_EVENT_VERSIONS }),
    subscriber: () => ({
      fields: fieldsOfInterface(SUBSCRIBER, 'SubscriberEventData'),
      versions: SUBSCRIBER_EVENT_VERSIONS,
    }),
  }[of]();
  const rows = Object.entries(versions).map(([type, version]) => [
    `\`${type}\``,
    String(version),
    (fields.get(type) ?? []).map(({ name, type: of }) => `\`${name}: ${of}\``).join('<br>'),
    `${isAppended(type) ? '' : '*Reserved.* '}${EVENT_MEANINGS[type as keyof typeof EVENT_MEANINGS]}`,
  ]);
  return markdownTable(['event', 'v', 'fields', 'meaning'], rows);
}

/** Markdown table of what every event carries beside its data. */
export function envelopeTable(): string {
  const source = parse('src/domain/fact.ts');
  const members = interfaceOf(source, 'Envelope').members.filter(ts.isPropertySignature);
  const rows = members.map((member) => {
    const comment = ts.getJSDocCommentsAndTags(member)[0];
    const text = comment && ts.isJSDoc(comment) ? (ts.getTextOfJSDocComment(comment.comment) ?? '') : '';
    return [`\`${member.name.getText(source)}\``, `\`${typeText(source, member.type)}\``, flat(text)];
  });
  return markdownTable(['field', 'type', 'meaning'], rows);
}

/** The shapes that fields refer to, as the code declares them. */
export function sharedShapes(): string {
  const wanted: readonly (readonly [file: string, names: readonly string[]])[] = [
    [
      TASK,
      ['BudgetKey', 'LandingIntent', 'RunRecord', 'ByRule', 'ToolFailure', 'ArtifactRef', 'HoldReason', 'RequestKind'],
    ],
    ['src/domain/task/job.ts', ['Job', 'PlainKind']],
    ['src/domain/task/job-row.ts', ['JobKind']],
    ['src/domain/merge/skip-proof.ts', ['SkipProof']],
    ['src/domain/authority/principal.ts', ['ProjectScope']],
    ['src/domain/hooks/hook-sources.ts', ['HookSource']],
    ['src/domain/hooks/hook-table.ts', ['HookMeaning']],
    ['src/domain/hooks/read-delivery.ts', ['HookCheck']],
    [SUBSCRIBER, ['EventPlace', 'Lease', 'SubscriberTrouble', 'SetAside', 'Ended']],
  ];
  const texts = wanted.flatMap(([file, names]) => {
    const source = parse(file);
    return names.map((name) =>
      declarationOf(source, name)
        .getText(source)
        .replace(/^export /, ''),
    );
  });
  return ['```ts', texts.join('\n'), '```'].join('\n');
}

/** Whether any decision of this version leads to the event; the others have their names reserved. */
export function isAppended(type: string): boolean {
  const isDecision = (file: string) =>
    /^src\/(domain|application|infrastructure\/artifacts)\//.test(file) && !/events\.ts$|evolve\.ts$/.test(file);
  const made = new RegExp(`type: '${type}'|\\? '${type}'|: '${type}'`);
  return filesBelow('src').some((file) => isDecision(file) && made.test(textOf(file)));
}

function fieldsOfInterface(file: string, name: string): ReadonlyMap<string, readonly Field[]> {
  const source = parse(file);
  const members = interfaceOf(source, name).members.filter(ts.isPropertySignature);
  return new Map(members.map((member) => [member.name.getText(source), fieldsOf(source, member.type)]));
}

/** `Fact<'Type', { … }>`: the one event of its file. */
function fieldsOfFact(): ReadonlyMap<string, readonly Field[]> {
  const source = parse(POLICY);
  const { type } = declarationOf(source, 'PolicyEvent') as ts.TypeAliasDeclaration;
  const [name, data] = (type as ts.TypeReferenceNode).typeArguments ?? [];
  const key = name?.getText(source).replaceAll("'", '') ?? '';
  return new Map([[key, fieldsOf(source, data)]]);
}
