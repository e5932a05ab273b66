/** Lets everything else that waits have its turn: SQLite answers at once, so a loop over it would not. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
