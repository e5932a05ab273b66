import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { ownUser, type OwnUser } from '../../infrastructure/system/own-user';
import { fail, ok, warn, type Finding } from './finding';

const NAME = 'user';

/** Who runs this, and what a user without an account lacks: a home, and a place for temporary files. */
export async function checkUser(): Promise<Finding> {
  return userFinding(ownUser(), tmpdir(), canWrite);
}

export function userFinding(
  { uid, name, home }: OwnUser,
  temporary: string,
  isWritable: (folder: string) => boolean,
): Finding {
  const who = name === null ? `uid ${uid}, which no account belongs to` : `${name} (uid ${uid})`;
  const seen = `${who}; home ${home ?? 'none'}`;
  if (!isWritable(temporary)) {
    const line = `TMPDIR: expected a folder that uid ${uid} may write, saw ${temporary}; set TMPDIR to one`;
    return fail(NAME, seen, line);
  }
  if (home !== null && isWritable(home)) return ok(NAME, seen);
  const why = 'suites and agents whose tools keep caches or settings at home fail without';
  return warn(NAME, seen, `HOME: expected a folder that uid ${uid} may write, saw ${home ?? 'none'}; set HOME: ${why}`);
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // The answer to the question asked.
    return false;
  }
}
