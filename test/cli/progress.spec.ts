import { setImmediate as turn } from 'node:timers/promises';
import { LINE_EVERY_MS, Progress, STATUS_EVERY_MS } from '../../src/cli/land/progress';
import type { OpenClaim } from '../../src/domain/task/task.state';

/** A clock that stands still until it is told, with one timer at a time. */
class StillClock {
  ms = 0;
  private due: { readonly at: number; readonly wake: () => void } | null = null;

  monotonic(): number {
    return this.ms;
  }

  after(delayMs: number, wake: () => void): () => void {
    const due = { at: this.ms + delayMs, wake };
    this.due = due;
    return () => {
      if (this.due === due) this.due = null;
    };
  }

  /** Lets time pass; what is due is done to its end. */
  async pass(ms: number): Promise<void> {
    const until = this.ms + ms;
    for (let { due } = this; due && due.at <= until; { due } = this) {
      this.ms = due.at;
      this.due = null;
      due.wake();
      await turn();
    }
    this.ms = until;
  }
}

let clock: StillClock;
let said: string[];
let last: string | null;
beforeEach(() => {
  clock = new StillClock();
  said = [];
  last = null;
});

function progressOn(kind: 'terminal' | 'pipe' | 'json'): Progress {
  const show = (text: string) => said.push(text);
  const status = kind === 'terminal' ? { show, hide: () => said.push('') } : null;
  const output = { isJson: kind === 'json', status, note: (...text: readonly unknown[]) => said.push(text.join('')) };
  return new Progress({ clock, output, lastLine: async (run) => last && `${run} said ${last}` });
}

const claim = (token: string, kind: 'staging-suite' | 'merge-gate' = 'staging-suite') =>
  ({ token, runId: `run ${token}`, job: { kind } }) as OpenClaim;

test('a terminal shows job, time and last line, over and over', async () => {
  const progress = progressOn('terminal');
  progress.at(claim('1'));
  await clock.pass(STATUS_EVERY_MS);
  last = 'ok 1';
  await clock.pass(64_500);
  expect([said.find((text) => text !== ''), said.at(-1)]).toEqual([
    'staging-suite  0 s',
    'staging-suite  1 min 5 s  run 1 said ok 1',
  ]);
  progress.at(null);
  expect(said.at(-1)).toBe('');
});

test('without a terminal it is a line now and then', async () => {
  const progress = progressOn('pipe');
  progress.at(claim('1'));
  last = 'ok 1';
  await clock.pass(LINE_EVERY_MS - 1);
  expect(said).toEqual([]);
  await clock.pass(LINE_EVERY_MS + 1);
  expect(said).toEqual([
    'staging-suite has run for 30 s: run 1 said ok 1',
    'staging-suite has run for 1 min 0 s: run 1 said ok 1',
  ]);
});

test('the next job counts from its own start', async () => {
  const progress = progressOn('pipe');
  progress.at(claim('1'));
  await clock.pass(LINE_EVERY_MS - 1);
  progress.at(claim('2', 'merge-gate'));
  await clock.pass(LINE_EVERY_MS);
  expect(said).toEqual(['merge-gate has run for 30 s']);
});

test.each(['stopped', 'ended', 'json'])('nothing is said of a job: %s', async (how) => {
  const progress = progressOn(how === 'json' ? 'json' : 'pipe');
  progress.at(claim('1'));
  if (how === 'ended') progress.at(null);
  if (how === 'stopped') {
    progress.stop();
    // A claim that is given back is seen once more.
    progress.at(claim('1'));
  }
  await clock.pass(10 * LINE_EVERY_MS);
  expect(said).toEqual([]);
});

test('a job that ends while its output is read is not shown again', async () => {
  const progress = progressOn('terminal');
  progress.at(claim('1'));
  const passing = clock.pass(STATUS_EVERY_MS);
  progress.at(null);
  await passing;
  await clock.pass(10 * STATUS_EVERY_MS);
  expect(said.filter((text) => text !== '')).toEqual([]);
});
