/** Of a log line: the store, its server or a disk was slow or away. That happens on a busy machine, whatever the log holds. */
const WORLD = /"error":"(?:StoreBusy|StoreUnavailable|OutcomeUnknown): /;

/** @returns the lines in which a service says that a look at a task failed, or that its code did, for no fault of the world. */
export function failedLooks(stderr: string): readonly string[] {
  const lines = stderr.split('\n').filter((line) => /a look failed|TypeError/.test(line));
  return lines.filter((line) => !WORLD.test(line));
}
