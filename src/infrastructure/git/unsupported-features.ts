import type { UnsupportedFeature } from '../../application/ports/git-workspace';
import type { Git } from './git-command';

/** Mode of a tree entry that is a commit of another repository. */
const GITLINK = '160000';

/** @returns features of a commit's tree that clones do not support yet. */
export async function unsupportedFeatures(git: Git, cwd: string, oid: string): Promise<readonly UnsupportedFeature[]> {
  const modes = await git.text(['ls-tree', '-r', '--full-tree', '--format=%(objectmode)', oid], { cwd });
  const places = ['.gitattributes', '*/.gitattributes'];
  const attributes = ['grep', '-l', '--fixed-strings', '-e', 'filter=lfs', oid, '--', ...places];
  const { exitCode } = await git.run(attributes, { cwd, answers: [0, 1] });
  const features: UnsupportedFeature[] = [];
  if (modes.split('\n').includes(GITLINK)) features.push('submodules');
  if (exitCode === 0) features.push('lfs');
  return features;
}
