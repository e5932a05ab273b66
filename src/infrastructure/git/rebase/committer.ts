import type { LandingIdentity } from '../../../domain/policy/project-policy';
import type { Git } from '../command/git-command';
import { signWith } from './ssh-signature';

/** Who commits what lands. */
export interface Committer {
  /** As git writes it: name, address, seconds, time zone. In latin1: a character for each byte of its UTF-8. */
  readonly ident: string;
  /** @returns the armoured signature; null where nothing is signed. @throws GitError GIT_SIGNING_FAILED */
  sign(commit: Uint8Array): Promise<string | null>;
}

/** @returns who commits now. */
export async function committerOf(
  git: Git,
  cwd: string,
  { committer, signingKey }: LandingIdentity = {},
): Promise<Committer> {
  const ours = await git.text(['var', 'GIT_COMMITTER_IDENT'], { cwd });
  const ident = committer ? `${committer.name} <${committer.email}>${ours.slice(ours.lastIndexOf('>') + 1)}` : ours;
  return {
    ident: Buffer.from(ident, 'utf8').toString('latin1'),
    sign: async (commit) => (signingKey === undefined ? null : signWith(signingKey, commit)),
  };
}
