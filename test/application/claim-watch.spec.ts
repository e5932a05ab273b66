import { ClaimWatch, NEIGHBOUR_CHECK_MS } from '../../src/application/conductor/claim-watch';
import type { Clock } from '../../src/application/ports/clock';
import type { WorkerHost } from '../../src/application/ports/worker-host';
import { given, type Line } from '../support/given-when-then';
import {
  after,
  asked,
  claim,
  heartbeat,
  reap,
  SECRET_DIGEST,
  submit,
  submittedForStaging,
  take,
} from '../support/task-stories';

/** Time that passes when it is told to; the wall clock is no part of it. */
class Hands {
  private at = 0;
  private timers: { at: number; wake: () => void }[] = [];

  readonly clock = {
    monotonic: () => this.at,
    after: (delayMs: number, wake: () => void) => {
      const timer = { at: this.at + delayMs, wake };
      this.timers.push(timer);
      return () => (this.timers = this.timers.filter((one) => one !== timer));
    },
  } as unknown as Clock;

  pass(ms: number): void {
    this.at += ms;
    const due = this.timers.filter(({ at }) => at <= this.at);
    this.timers = this.timers.filter(({ at }) => at > this.at);
    for (const { wake } of due) wake();
  }

  get waiting(): number {
    return this.timers.length;
  }
}

const bobs = given(submittedForStaging, claim('staging-suite', 'bob')).task;
const own = given(submittedForStaging, claim('staging-suite', 'ann')).task;
const free = given(submittedForStaging, claim('staging-suite', 'bob'), reap()).task;

function watching(dead: ReadonlySet<string>) {
  const hands = new Hands();
  const told: string[] = [];
  const host = { self: 'ann', isProvablyDead: (worker: string) => dead.has(worker) } as unknown as WorkerHost;
  const watch = new ClaimWatch({ clock: hands.clock, host }, (task) => told.push(task));
  return { hands, told, watch };
}

it('a neighbour that dies is told of within a second, by a look that asks nobody else', () => {
  const dead = new Set<string>();
  const { hands, told, watch } = watching(dead);
  watch.see(bobs);
  hands.pass(NEIGHBOUR_CHECK_MS);
  expect(told).toEqual([]);
  dead.add('bob');
  hands.pass(NEIGHBOUR_CHECK_MS);
  expect(told).toEqual([bobs.id]);
  expect(NEIGHBOUR_CHECK_MS).toBe(1_000);
});

it('its own claims are not looked for, and without any of others nothing is', () => {
  const { hands, watch } = watching(new Set());
  watch.see(own);
  expect(hands.waiting).toBe(0);
  watch.see(bobs);
  watch.see(free);
  hands.pass(NEIGHBOUR_CHECK_MS);
  expect(hands.waiting).toBe(0);
});

it('a claim is watched from when it is first seen; another one of the task begins anew', () => {
  const { hands, watch } = watching(new Set());
  expect(watch.watchedMs(bobs)).toBe(0);
  watch.see(bobs);
  hands.pass(5_000);
  watch.see(bobs);
  expect(watch.watchedMs(bobs)).toBe(5_000);
  const again = given(submittedForStaging, claim('staging-suite', 'bob'), reap(), claim('staging-suite', 'bob')).task;
  expect(watch.watchedMs(again)).toBe(0);
  watch.see(again);
  hands.pass(1);
  expect(watch.watchedMs(again)).toBe(1);
});

it('a heartbeat begins the watch anew', () => {
  const { hands, watch } = watching(new Set());
  const taken: Line = [submit({ startStage: 'review' }), take('reviewer'), asked('ann', SECRET_DIGEST)];
  const before = given(taken).task;
  watch.see(before);
  hands.pass(60_000);
  expect(watch.watchedMs(before)).toBe(60_000);
  const extended = given(taken, after(60_000), heartbeat).task;
  expect(watch.watchedMs(extended)).toBe(0);
  watch.see(extended);
  hands.pass(1_000);
  expect(watch.watchedMs(extended)).toBe(1_000);
});

it('nothing is looked for once it is stopped', () => {
  const { hands, told, watch } = watching(new Set(['bob']));
  watch.see(bobs);
  watch.stop();
  hands.pass(NEIGHBOUR_CHECK_MS);
  expect(told).toEqual([]);
});
