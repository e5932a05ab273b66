import type { Oid } from '../../../domain/ids';
import type { TextMarker } from '../../../domain/policy/project-policy';
import type { Git } from '../command/git-command';

/**
 * The texts that one commit has in their files and another one has not, in the order they are given. Git reads the files itself,
 * as they are kept: however large they are, nothing of them comes here. What is no plain file has no text.
 *
 * @throws GitError when git cannot tell; that is no answer.
 */
export async function lostTexts(
  git: Git,
  cwd: string,
  { from, to, markers }: { readonly from: Oid; readonly to: Oid; readonly markers: readonly TextMarker[] },
): Promise<readonly TextMarker[]> {
  const lost: TextMarker[] = [];
  for (const marker of markers)
    if (!(await has(git, cwd, to, marker)) && (await has(git, cwd, from, marker))) lost.push(marker);
  return lost;
}

async function has(git: Git, cwd: string, oid: Oid, { file, text }: TextMarker): Promise<boolean> {
  // -a: whatever attributes say of the file, it is searched. A folder of that name has files of other names.
  const args = ['grep', '-l', '-z', '-a', '-F', '-e', text, oid, '--', `:(top,literal)${file}`];
  const { stdout } = await git.run(args, { cwd, answers: [0, 1] });
  return stdout.split('\0').includes(`${oid}:${file}`);
}
