interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

/** The first page, with the items of all others behind its own; null when there is none. */
export async function allPages<P extends Page>(ask: (cursor: string | null) => Promise<P | null>): Promise<P | null> {
  const first = await ask(null);
  if (first === null) return null;
  const items = [...first.items];
  for (let cursor = first.nextCursor; cursor !== null;) {
    const page = await ask(cursor);
    items.push(...(page?.items ?? []));
    cursor = page?.nextCursor ?? null;
  }
  return { ...first, items, nextCursor: null };
}
