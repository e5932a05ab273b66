import { HOOK_SOURCES, isDeliveryId } from '../../../src/domain/hooks/hook-sources';
import { HOOK_TABLE, hookRow } from '../../../src/domain/hooks/hook-table';
import { readDelivery } from '../../../src/domain/hooks/read-delivery';

const HEAD = 'a'.repeat(40);
const REQUIRED = ['build'];
const RUN = { name: 'build', status: 'completed', conclusion: 'success', head_sha: HEAD, html_url: 'https://ci/1' };
const CHECK = { name: 'build', result: 'success', headOid: HEAD, url: 'https://ci/1' };

const read = (source: (typeof HOOK_SOURCES)[number], event: string, payload: unknown) =>
  readDelivery(source, event, payload, REQUIRED);

it('every event stands in the table once, and every source has some', () => {
  const names = HOOK_TABLE.map(({ source, event }) => `${source} ${event}`);
  expect(new Set(names).size).toBe(names.length);
  for (const source of HOOK_SOURCES) expect(HOOK_TABLE.some((row) => row.source === source)).toBe(true);
});

it.each([
  ['github', 'check_run', { check_run: RUN }],
  ['github', 'status', { context: 'build', state: 'success', sha: HEAD, target_url: 'https://ci/1' }],
  ['gitea', 'status', { context: 'build', state: 'success', sha: HEAD, target_url: 'https://ci/1' }],
  ['generic', 'check', { type: 'check', data: CHECK }],
] as const)('%s %s says how a required check went', (source, event, payload) => {
  expect(read(source, event, payload)).toEqual({ meaning: 'evidence', event, check: CHECK });
});

it.each([
  ['a check that nobody requires', { ...RUN, name: 'lint' }],
  ['one that is not over', { ...RUN, status: 'in_progress', conclusion: null }],
  ['a result that nobody knows', { ...RUN, conclusion: 'great' }],
  ['a short id of a commit', { ...RUN, head_sha: HEAD.slice(0, 12) }],
  ['a name with NUL', { ...RUN, name: 'build\0' }],
  ['no name', { ...RUN, name: undefined }],
  ['a list', [RUN]],
  ['what objects have by themselves', Object.create({ ...RUN }) as object],
  ['a prototype of its own', JSON.parse(`{"__proto__":${JSON.stringify(RUN)}}`) as object],
  ['nothing', null],
])('%s is a reason to look, and no evidence', (_, run) => {
  expect(read('github', 'check_run', { check_run: run })).toEqual({ meaning: 'look', event: 'check_run' });
});

it('a link that cannot be kept is left out', () => {
  for (const html_url of ['javascript:alert(1)', 7, undefined])
    expect(read('github', 'check_run', { check_run: { ...RUN, html_url } })).toMatchObject({ check: { url: null } });
});

it.each([null, 7, 'text', [], {}, { check_run: 7 }])('%j in place of a payload is no error', (payload) => {
  for (const { source, event } of HOOK_TABLE) expect(read(source, event, payload).meaning).toBe('look');
});

it('what is not in the table is acknowledged', () => {
  for (const event of ['ping', '', 'star', '__proto__', 'constructor', 'PUSH', 'push '])
    expect(read('github', event, { check_run: RUN })).toEqual({ meaning: 'acknowledged' });
  expect(hookRow('plane', 'push')).toBeNull();
});

it('ids of deliveries are those that a stream can be named after', () => {
  for (const id of ['72d3162e-cc78-11e3-81ab-4c9367dc0958', 'msg_p5jXN8AQM9LWM0D4loKWxJek'])
    expect(isDeliveryId(id)).toBe(true);
  for (const id of ['', ' ', 'a b', 'a/b', 'ä', 'a\0', 'a, b', 'x'.repeat(101)]) expect(isDeliveryId(id)).toBe(false);
});
