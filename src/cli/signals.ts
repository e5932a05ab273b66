import { EXIT } from './exit-codes';

/** A signal that asks to end: Ctrl-C, SIGTERM, or the terminal that is gone. */
const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.interrupted, SIGHUP: EXIT.hungUp } as const;
const SIGNALS = Object.keys(CODES) as (keyof typeof CODES)[];

/** How long what is printed may wait for its reader after somebody has asked to end. */
export const LAST_WORDS_MS = 2_000;

let isAsked = false;

/** Whether somebody has asked this process to end. */
export function isInterrupted(): boolean {
  return isAsked;
}

/** Somebody has asked to end. */
export class Interrupted {
  /** @param code what the program ends with when that was all. */
  constructor(readonly code: number) {}
}

/** Signals that come this soon are one: a terminal and what has started us may both pass on the same Ctrl-C. */
const ONE_SIGNAL_MS = 500;

export interface AskedToEnd {
  readonly asked: Promise<Interrupted>;
  /** Somebody does not want to wait for that. */
  readonly askedAgain: Promise<Interrupted>;
  readonly signal: AbortSignal;
}

/** Takes such signals from now on, and for good: `asked` resolves at the first, and `signal` aborts. */
export function whenAskedToEnd(): AskedToEnd {
  const abort = new AbortController();
  let [first, again]: ((by: Interrupted) => void)[] = [];
  const asked = new Promise<Interrupted>((resolve) => (first = resolve));
  const askedAgain = new Promise<Interrupted>((resolve) => (again = resolve));
  let since: number | null = null;
  for (const name of SIGNALS)
    process.on(name, () => {
      isAsked = true;
      abort.abort();
      since ??= performance.now();
      first?.(new Interrupted(CODES[name]));
      if (performance.now() - since > ONE_SIGNAL_MS) again?.(new Interrupted(CODES[name]));
    });
  return { asked, askedAgain, signal: abort.signal };
}

/**
 * Waits for `work`, or for somebody who asks to end. Keeps the process alive meanwhile: nothing else has to.
 *
 * After an interruption the handlers stay: while we tidy up, a second signal must not end us half way, and a library that
 * finds no other handler would take the first one as the order to do just that.
 */
export async function untilInterrupted<T>(work: Promise<T>): Promise<T | Interrupted> {
  const alive = setInterval(() => undefined, 60_000);
  let stop: (signal: keyof typeof CODES) => void = () => undefined;
  const interrupted = new Promise<Interrupted>((resolve) => {
    stop = (signal) => {
      isAsked = true;
      resolve(new Interrupted(CODES[signal]));
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
  try {
    const ended = await Promise.race([work, interrupted]);
    if (!(ended instanceof Interrupted)) for (const signal of SIGNALS) process.removeListener(signal, stop);
    return ended;
  } finally {
    clearInterval(alive);
  }
}
