import type { UnsupportedFeature } from '../../application/ports/git-workspace';
import type { Git } from './git-command';

/** Mode of a tree entry that is a commit of another repository. */
const GITLINK = '160000 ';

/** @returns features of a commit's tree that clones do not support yet. */
export async function unsupportedFeatures(git: Git, cwd: string, oid: string): Promise<readonly UnsupportedFeature[]> {
  const tree = await git.text(['ls-tree', '-r', '--full-tree', '--format=%(objectmode) %(path)', oid], { cwd });
  const features: UnsupportedFeature[] = [];
  if (tree.split('\n').some((line) => line.startsWith(GITLINK))) features.push('submodules');
  if (tree.includes('.gitattributes') && (await hasLfs(git, cwd, oid))) features.push('lfs');
  return features;
}

async function hasLfs(git: Git, cwd: string, oid: string): Promise<boolean> {
  const places = ['.gitattributes', '*/.gitattributes'];
  const attributes = ['grep', '-l', '--fixed-strings', '-e', 'filter=lfs', oid, '--', ...places];
  const { exitCode } = await git.run(attributes, { cwd, answers: [0, 1] });
  return exitCode === 0;
}
