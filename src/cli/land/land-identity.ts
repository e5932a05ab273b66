import type { LandingIdentity } from '../../domain/policy/project-policy';
import { EMAIL, PERSON_NAME } from '../../infrastructure/config/project/schema/definitions';
import { signWith } from '../../infrastructure/git/rebase/ssh-signature';
import { localPath } from '../local-path';
import { UserError } from '../user-error';

export interface IdentityFlags {
  /** `Name <address>`. */
  readonly committer?: string;
  readonly signingKey?: string;
}

/** @throws UserError where somebody is no committer, or a key does not sign: a suite need not run to find that out. */
export async function landingIdentity({ committer, signingKey }: IdentityFlags): Promise<LandingIdentity> {
  return {
    ...(committer === undefined ? {} : { committer: personOf(committer) }),
    ...(signingKey === undefined ? {} : { signingKey: await usableKey(signingKey) }),
  };
}

function personOf(text: string): { readonly name: string; readonly email: string } {
  const [, name = '', email = ''] = /^([^<>]*?)\s*<([^<>]*)>$/.exec(text.trim()) ?? [];
  if (new RegExp(PERSON_NAME).test(name) && new RegExp(EMAIL).test(email)) return { name, email };
  throw new UserError(
    `--committer: expected a name and an address like "Ann Lee <ann@example.org>", saw ${JSON.stringify(text)}`,
  );
}

async function usableKey(file: string): Promise<string> {
  const path = localPath('--signing-key', file);
  try {
    await signWith(path, new Uint8Array());
    return path;
  } catch (error) {
    throw new UserError(`--signing-key: ${error instanceof Error ? error.message : String(error)}`);
  }
}
