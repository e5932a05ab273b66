import { closeSync, openSync, readSync } from 'node:fs';

/** Offset of the read version in the header of a database. Source: sqlite.org/fileformat.html, section 1.3. */
const READ_VERSION_AT = 19;
const WAL = 2;

/**
 * The journal mode as the file itself says it: a connection that may make no file calls every database `delete`.
 *
 * To be asked before the file is opened as a database: closing a file ends all locks of this process on it.
 *
 * @returns null when the file cannot be read.
 */
export function journalModeIn(path: string): 'wal' | 'delete' | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const header = Buffer.alloc(READ_VERSION_AT + 1);
    readSync(file, header, 0, header.length, 0);
    return header[READ_VERSION_AT] === WAL ? 'wal' : 'delete';
  } catch {
    // Whoever opens it as a database says what is wrong with it.
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}
