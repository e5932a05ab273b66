/**
 * Does several things at once, and waits for every one: what is still going on when another one fails would find its folder
 * gone.
 *
 * @throws what the first of them that failed throws, in the order in which they are given.
 */
export async function together<T extends readonly unknown[]>(
  ...works: readonly [...{ readonly [K in keyof T]: Promise<T[K]> }]
): Promise<T> {
  const ended = await Promise.allSettled(works as readonly Promise<unknown>[]);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return ended.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
