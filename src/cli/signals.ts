/**
 * Waits for `work`, or for Ctrl-C (SIGINT) or SIGTERM. Keeps the process alive meanwhile: nothing else has to.
 */
export async function untilInterrupted<T>(work: Promise<T>): Promise<T | 'interrupted'> {
  const alive = setInterval(() => undefined, 60_000);
  let stop: () => void = () => undefined;
  const interrupted = new Promise<'interrupted'>((resolve) => {
    stop = () => {
      resolve('interrupted');
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    clearInterval(alive);
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}
