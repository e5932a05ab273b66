import type { StoredEvent } from '../../src/application/ports/event-store';
import { SampleRepository } from '../support/sample-repository';
import { wrongLandings } from './check-git';
import { gaps, heldTasks, lostAcknowledged } from './check-log';

function event(at: number, type: string, data: object = {}, more: Partial<StoredEvent> = {}): StoredEvent {
  const position = { commit: BigInt(at), prepare: BigInt(at) };
  const stored = { id: String(at), type, data, meta: {}, stream: 'task-web.T1', revision: BigInt(at - 1), position };
  return { ...stored, recordedAt: new Date(0), ...more } as StoredEvent;
}

describe('what was acknowledged', () => {
  const held = event(2, 'TaskHeld', { detail: 'hold-1' });
  const told = { what: 'hold', task: 'web.T1', mark: 'hold-1', revision: 1n } as const;

  test('is there, or is told as lost', () => {
    expect(lostAcknowledged([held], [told])).toEqual([]);
    expect(lostAcknowledged([], [told])).toEqual([expect.stringContaining('missing')]);
  });

  test('stands no later than the answer said', () => {
    expect(lostAcknowledged([held], [{ ...told, revision: 0n }])).toEqual([expect.stringContaining('at 1')]);
  });
});

test('positions have no gap, for the reader and for whoever followed, and end at the head', () => {
  const [one, two, three] = [event(1, 'A'), event(2, 'B'), event(3, 'C')];
  expect(gaps([one, two], 2n, [one, two])).toEqual([]);
  expect(gaps([one, three], 2n, [one, two])).toContain('log: expected position 2, saw 3');
  expect(gaps([one, two], 2n, [one, one])).toContain('follower: expected position 2, saw 1');
  expect(gaps([one, two], 3n, [one, two])).toHaveLength(1);
  expect(gaps([one, two], 2n, [one])).toHaveLength(1);
  const other = event(2, 'B', {}, { id: 'other' });
  expect(gaps([one, two], 2n, [one, other])).toEqual([expect.stringContaining('position 2 is not the event any more')]);
});

test('a hold is stuck unless a used-up infra or crash budget explains it', () => {
  const held = (reason: string) => heldTasks([event(1, 'TaskHeld', { reason, detail: '' })]);
  expect(held('forgery').stuck).toHaveLength(1);
  expect(held('crash-exhausted')).toMatchObject({ stuck: [], held: [expect.stringContaining('crash-exhausted')] });
  const released = [event(1, 'TaskHeld', { reason: 'gate' }), event(2, 'TaskReleased')];
  expect(heldTasks(released)).toEqual({ held: [], stuck: [] });
});

describe('landings', () => {
  let repository: SampleRepository;
  let base: string;
  let head: string;

  beforeEach(() => {
    repository = new SampleRepository();
    base = repository.head('main') ?? '';
    head = repository.push('change/T1', { 'tasks/T1': 'green\n' }, 'main');
  });
  afterEach(() => {
    repository.dispose();
  });

  const move = (to: string) => {
    repository.git(['-c', 'core.logAllRefUpdates=always', 'update-ref', 'refs/heads/main', to], repository.dir);
  };
  const record = (task = 'T1') => {
    repository.git(['update-ref', `refs/stagegate/landed/web/${task}`, head], repository.dir);
  };
  const wrong = (...log: readonly StoredEvent[]) => wrongLandings(log, repository, () => false);
  const landed = () => event(1, 'TaskLanded', { baseOid: base, newOid: head });

  test('in log, refs and commits are the same ones', () => {
    move(head);
    record();
    expect(wrong(landed())).toEqual([]);
  });

  test('without their ref, without a move of main, or without a word in the log are told', () => {
    record();
    expect(wrong()).toEqual(['web.T1 has landed and the log has no word']);
    move(head);
    record('T2');
    expect(wrong(landed())).toEqual(['web.T2 has landed and the log has no word']);
    repository.git(['update-ref', '-d', 'refs/stagegate/landed/web/T2'], repository.dir);
    expect(wrong(event(1, 'TaskLanded', { baseOid: base, newOid: base }))).not.toEqual([]);
  });

  test('that are undone and made again are told', () => {
    move(head);
    record();
    move(base);
    move(head);
    expect(wrong(landed())).toEqual([
      `main moved from ${head} to ${base} by no landing`,
      `main moved from ${head} to ${base}, not forward`,
      `main moved 2 times along ${base} ${head}`,
    ]);
  });

  test('of one change in two commits are told', () => {
    move(head);
    record();
    const again = repository.push('change/T1', { 'tasks/T1': 'again\n' });
    move(again);
    const second = event(2, 'TaskLanded', { baseOid: head, newOid: again });
    expect(wrong(landed(), second)).toContain('main has more than one commit of T1');
  });
});
