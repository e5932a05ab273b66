import { homedir, userInfo } from 'node:os';

/** The user this process runs as. Containers run it as one that no account belongs to: nothing may rely on a name. */
export interface OwnUser {
  readonly uid: number;
  /** Null without an account. */
  readonly name: string | null;
  /** Null where neither HOME nor an account says so. */
  readonly home: string | null;
}

export function ownUser(): OwnUser {
  return { uid: ownUid(), name: orNull(() => userInfo().username), home: orNull(homedir) };
}

export function ownUid(): number {
  // Only Windows has none, and there an account always.
  return process.getuid?.() ?? userInfo().uid;
}

/** Both ask the accounts, and throw where there is none. */
function orNull(ask: () => string): string | null {
  try {
    return ask() || null;
  } catch {
    // The answer to the question asked.
    return null;
  }
}
