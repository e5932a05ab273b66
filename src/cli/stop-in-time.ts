import type { Core } from '../compose/core';
import { hurryGit } from '../infrastructure/git/command/git-command';
import { EXIT } from './exit-codes';
import type { Output } from './output';
import type { Interrupted } from './signals';

/** The longest that a process takes to end after it was asked to, whatever is going on; documented in operations.md. */
export const STOP_WITHIN_MS = 60_000;

interface Step {
  /** After the signal. */
  readonly afterMs: number;
  readonly says: string;
  readonly take: (core: Core) => unknown;
}

/**
 * What is given up, one after the other, when an orderly stop takes too long. Each step lets what waits for it come to its end
 * in the same way as ever, so that as much as possible is still handed over. The most important comes last.
 */
const STEPS: readonly Step[] = [
  {
    afterMs: 15_000,
    says: 'still stopping: git commands that are under way are ended now',
    take: () => {
      hurryGit();
    },
  },
  {
    afterMs: 25_000,
    says: 'still stopping: runs that are under way are killed now',
    take: ({ runner, host }) => runner.recover((worker) => worker === host.self),
  },
  {
    afterMs: 40_000,
    says: 'still stopping: the event store is not waited for any longer',
    take: ({ store }) => store.close(),
  },
];
/** For the end of runs when nobody waits any longer. */
const AT_ONCE_MS = 1_000;
/** Leaves the rest of the time to a machine that is busy. */
const END_MS = 50_000;

/** Sees to it that the process ends in time. To be called when it was asked to; there is no way back. */
export function stopInTime(core: Core, output: Output): void {
  for (const { afterMs, says, take } of STEPS) {
    setTimeout(() => {
      output.warn(says);
      void Promise.resolve()
        .then(() => take(core))
        .catch((error: unknown) => {
          output.warn(String(error));
        });
    }, afterMs).unref();
  }
  setTimeout(() => {
    output.warn('ended by force: claims that are still open are taken back by the next start');
    process.exit(EXIT.internal);
  }, END_MS).unref();
}

/** Ends the process now, and before that its runs: whatever else is under way is for the next start. */
export function endAtOnce(
  { runner, host }: Pick<Core, 'runner' | 'host'>,
  output: Output,
  { code }: Interrupted,
): void {
  output.warn('ended at once: runs are killed, and claims that are still open are taken back by the next start');
  const end = () => process.exit(code);
  setTimeout(end, AT_ONCE_MS);
  void runner.recover((worker) => worker === host.self).then(end, end);
}
