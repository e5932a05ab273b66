import { plainText } from '../../../domain/staging/plain-text';
import { openRegularFile } from '../../system/durable-files';

/** Longer than any line that is worth showing. */
const TAIL_BYTES = 4_096;

/** What a run has printed last, in one line of plain text; null where it has said nothing yet, or nothing can be read. */
export async function lastLine(path: string): Promise<string | null> {
  try {
    const opened = await openRegularFile(path);
    if (opened.kind !== 'file') return null;
    const { handle } = opened;
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
      return lastOf(buffer.subarray(0, bytesRead).toString('utf8'));
    } finally {
      await handle.close();
    }
  } catch {
    // It is shown for company: what is wrong with the log is told when the run ends.
    return null;
  }
}

function lastOf(text: string): string | null {
  const lines = plainText(text).split('\n');
  return lines.findLast((line) => line.trim() !== '')?.trim() ?? null;
}
