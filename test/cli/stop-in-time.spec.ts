import { EXIT } from '../../src/cli/exit-codes';
import type { Output } from '../../src/cli/output';
import { stopInTime, STOP_WITHIN_MS } from '../../src/cli/stop-in-time';
import type { Core } from '../../src/compose/core';
import { textOf } from '../docs/pages';

const SELF = 'ann';

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

it('gives up what hangs one after the other, and ends before its time whatever is left', async () => {
  jest.useFakeTimers();
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const said: string[] = [];
  const recover = jest.fn<Promise<void>, [(worker: string) => boolean]>(() => new Promise(() => undefined));
  const close = jest.fn(() => Promise.reject(new Error('it hangs too')));
  const core = { runner: { recover }, host: { self: SELF }, store: { close } } as unknown as Core;
  stopInTime(core, { warn: (line: string) => said.push(line) } as unknown as Output);
  await jest.advanceTimersByTimeAsync(STOP_WITHIN_MS - 1);
  expect(exit.mock.calls).toEqual([[EXIT.internal]]);
  expect(recover).toHaveBeenCalledTimes(1);
  expect(close).toHaveBeenCalledTimes(1);
  const isOwn = recover.mock.calls[0]?.[0];
  expect([isOwn?.(SELF), isOwn?.('bob')]).toEqual([true, false]);
  expect(said).toEqual([
    expect.stringContaining('git commands'),
    expect.stringContaining('runs'),
    expect.stringContaining('event store'),
    'Error: it hangs too',
    expect.stringContaining('ended by force'),
  ]);
});

it('takes as long as the page for operators says', () => {
  const page = textOf('docs/operations.md');
  expect(page).toContain(`never more than ${STOP_WITHIN_MS / 1_000} seconds`);
  expect(Number(/TimeoutStopSec=(\d+)/.exec(page)?.[1])).toBeGreaterThan(STOP_WITHIN_MS / 1_000);
});
