/**
 * Compares what an engine stored with what it acknowledged.
 *
 * @param {ReadonlyMap<string, number>} acknowledged transitions of each task
 * @param {ReadonlyMap<string, readonly number[]>} stored revisions of each task's stream, in the order of the log, from 1
 */
export function compareStreams(acknowledged, stored) {
  const found = { streams: stored.size, gaps: 0, lost: 0, doubled: 0 };
  for (const [id, count] of acknowledged) {
    const revisions = stored.get(id) ?? [];
    const unique = new Set(revisions);
    found.doubled += revisions.length - unique.size;
    found.lost += Math.max(0, count - unique.size);
    found.gaps += revisions.filter((revision, index) => revision !== index + 1).length;
  }
  return found;
}
