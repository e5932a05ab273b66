import { Clock, type Cancel } from '../../application/ports/clock';

/** `setTimeout` fires at once for anything longer than this; longer waits are made of several. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clocks. Its timers never keep the process alive: a service that has nothing but timers left may end. */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  after(delayMs: number, wake: () => void): Cancel {
    const dueAt = this.monotonic() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.max(0, Math.ceil(dueAt - this.monotonic()));
      timer = setTimeout(check, Math.min(leftMs, MAX_TIMER_MS)).unref();
    };
    // The event loop's own time is rounded: a timer may fire a fraction of a millisecond early.
    const check = (): void => {
      if (this.monotonic() < dueAt) arm();
      else wake();
    };
    arm();
    return () => {
      clearTimeout(timer);
    };
  }
}
