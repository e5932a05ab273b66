import type { Git } from '../command/git-command';
import { FLEETING } from './pack-into';

/** As git itself does after a fetch: so few objects become files of their own, more of them stay a pack. */
const TOO_MANY = 100;
/** Signature and version of a pack stand before the number of its objects. */
const COUNT_AT = 8;

/** What is to be brought from one repository into another. */
export interface Bringing {
  readonly want: readonly string[];
  /** Commits that the other one has, with everything below them. */
  readonly have: readonly string[];
}

/**
 * A fetch is half a dozen processes, and most of what is brought is a commit or two: packed here and unpacked there are two.
 *
 * @returns the pack of all that is wanted, every object of it found and read; null where only a fetch can bring it, or say
 *   why nothing can.
 */
export async function smallPack(git: Git, cwd: string, { want, have }: Bringing): Promise<Buffer | null> {
  const input = [...want, ...have.map((oid) => `^${oid}`)].map((line) => `${line}\n`).join('');
  const args = ['pack-objects', '--quiet', '--revs', '--stdout', '--delta-base-offset', '--window=0'];
  const packed = await git.run([...FLEETING, ...args], { cwd, input }).catch(() => null);
  return packed && packed.bytes.readUInt32BE(COUNT_AT) < TOO_MANY ? packed.bytes : null;
}

/**
 * @returns whether every object has been stored: each is read, gets the name that it has by its content, and names none that
 *   is not there.
 */
export async function unpacked(git: Git, cwd: string, pack: Buffer): Promise<boolean> {
  return git.run(['unpack-objects', '-q', '--strict'], { cwd, input: pack }).then(
    () => true,
    () => false,
  );
}
