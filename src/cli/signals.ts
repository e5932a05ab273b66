/**
 * Waits for `work`, or for Ctrl-C (SIGINT) or SIGTERM. Keeps the process alive meanwhile: nothing else has to.
 *
 * After an interruption the handlers stay: while we tidy up, a second signal must not end us half way, and a library that
 * finds no other handler would take the first one as the order to do just that.
 */
export async function untilInterrupted<T>(work: Promise<T>): Promise<T | 'interrupted'> {
  const alive = setInterval(() => undefined, 60_000);
  let stop: () => void = () => undefined;
  const interrupted = new Promise<'interrupted'>((resolve) => {
    stop = () => {
      resolve('interrupted');
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  try {
    const ended = await Promise.race([work, interrupted]);
    if (ended !== 'interrupted') {
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
    }
    return ended;
  } finally {
    clearInterval(alive);
  }
}
