import type { Git } from './git-command';

/**
 * Comparing contents runs the clean filters of the repository's configuration; without them the bytes are compared.
 *
 * @returns settings for one command in `cwd`.
 */
export async function withoutFilters(git: Git, cwd: string): Promise<Readonly<Record<string, string>>> {
  const query = ['config', '--null', '--name-only', '--get-regexp', '^filter\\.'];
  const { stdout } = await git.run(query, { cwd, answers: [0, 1] });
  return Object.fromEntries(stdout.split('\0').filter(Boolean).map(disabled));
}

function disabled(name: string): [string, string] {
  return [name, name.endsWith('.required') ? 'false' : ''];
}
