import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredEvent } from '../../../src/application/ports/event-store';
import { until } from '../../contract/support/until';
import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { HOOK_SECRETS, post, sendHook, type Sent } from '../../support/signed-hooks';
import { startSampleAndLogs, type SampleAndLogs } from './sample-and-logs';
import { ServedCore } from './served-core';

jest.setTimeout(180_000);

const MANY = 30;
const folder = mkdtempSync(join(tmpdir(), 'stagegate-hook-replicas-'));
const file = join(folder, 'github');
let ground: SampleAndLogs;
let peer: EventStorePeer;

beforeAll(async () => {
  writeFileSync(file, HOOK_SECRETS.github);
  [ground, peer] = await Promise.all([startSampleAndLogs(), EventStorePeer.start()]);
});
afterAll(async () => {
  await Promise.all([ground.stop(), peer.stop()]);
  rmSync(folder, { recursive: true });
});

describe.each(['PostgreSQL', 'EventStoreDB'] as const)('two replicas on one log on %s', (kind) => {
  let both: readonly [ServedCore, ServedCore];
  let head: string;
  let ids = 0;

  beforeAll(async () => {
    const url = kind === 'PostgreSQL' ? ground.logs.url(await ground.logs.create()) : peer.url;
    const more = { hooks: { github: { secrets: [{ file }] } }, ci: { requiredChecks: ['build'] } };
    const start = () => ServedCore.start(ground.sample.dir, url, {}, undefined, undefined, more);
    both = [await start(), await start()];
    head = ground.sample.push(`checked-${kind}`, { 'a.txt': 'a\n' }, 'main');
    const task = { project: 'web', id: 'T1', branch: `checked-${kind}` };
    const json = { 'content-type': 'application/json' };
    expect(await post(`${both[0].url}/v1/tasks`, json, JSON.stringify(task))).toMatchObject({ status: 201 });
    for (const one of both) one.follow();
  });
  afterAll(async () => {
    for (const one of both) await one.stop();
  });

  /** What became of a check, each time something else. */
  function check(): Sent {
    ids += 1;
    const run = { name: 'build', status: 'completed', conclusion: 'neutral', head_sha: head };
    const body = JSON.stringify({ check_run: { ...run, html_url: `https://ci.example/${ids}` } });
    return { source: 'github', id: `at-once-${ids}`, event: 'check_run', body };
  }
  const toBoth = (one: Sent, other = one) => Promise.all([sendHook(both[0].url, one), sendHook(both[1].url, other)]);
  const events = async (type: string) => (await both[0].log()).filter((event) => event.type === type);
  const urls = (all: readonly StoredEvent[]) =>
    all.map(({ data }) => (data['evidence'] as { url: string }).url.slice('https://ci.example/'.length));

  it('what comes to both at the same moment is recorded once, and taken to its task once', async () => {
    for (let count = 0; count < MANY; count += 1) {
      const answers = await toBoth(check());
      expect(answers.filter(({ status }) => status !== 200 && status !== 202)).toEqual([]);
      // EventStoreDB cannot say who was first.
      if (kind === 'PostgreSQL') expect(answers.map(({ status }) => status).sort()).toEqual([200, 202]);
    }
    const received = (await events('WebhookReceived')).map(({ data }) => data['delivery']);
    expect(received).toHaveLength(MANY);
    expect(new Set(received).size).toBe(MANY);
    await until('all are there', async () => (await events('EvidenceRecorded')).length >= MANY, 60_000);
    expect(new Set(urls(await events('EvidenceRecorded'))).size).toBe(MANY);
  });

  it('what was signed once and comes to both under two ids is taken to its task once', async () => {
    const before = (await events('EvidenceRecorded')).length;
    const received = (await events('WebhookReceived')).length;
    for (let count = 0; count < MANY; count += 1) {
      const sent = check();
      const answers = await toBoth(sent, { ...sent, id: `${sent.id}-again` });
      expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    }
    // EventStoreDB takes an id of an event in two streams.
    expect((await events('WebhookReceived')).length - received).toBe(kind === 'PostgreSQL' ? MANY : 2 * MANY);
    const last = check();
    await toBoth(last);
    const isThere = async () => urls(await events('EvidenceRecorded')).includes(String(ids));
    await until('the last is there, and all before it', isThere, 60_000);
    expect((await events('EvidenceRecorded')).length - before).toBe(MANY + 1);
    expect(new Set(urls(await events('EvidenceRecorded'))).size).toBe(2 * MANY + 1);
  });

  it('what has come to one is known to the other', async () => {
    const sent = check();
    expect(await sendHook(both[0].url, sent)).toMatchObject({ status: 202 });
    expect(await sendHook(both[1].url, sent)).toMatchObject({ status: 200, body: { duplicate: true } });
    expect(both.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
