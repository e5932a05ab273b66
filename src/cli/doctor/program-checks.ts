import { manifest } from '../manifest';
import { gitObjection, gitVersion } from '../../infrastructure/git/command/git-version';
import { isAtLeast } from '../../infrastructure/system/version';
import { fail, ok, type Finding } from './finding';

const GIT = 'git';

export async function checkNode(): Promise<Finding> {
  return nodeFinding(process.versions.node, manifest().engines.node);
}

/** @param required as `engines` says it: `>=20.19`. */
export function nodeFinding(version: string, required: string): Finding {
  const minimum = required.replace(/^\D+/, '');
  if (isAtLeast(version, minimum)) return ok('node', version);
  return fail('node', version, `expected Node ${minimum} or newer, saw ${version}; install a newer one`);
}

export async function checkGit(): Promise<Finding> {
  const version = await gitVersion();
  const objection = gitObjection(version);
  return objection === null ? ok(GIT, version ?? '') : fail(GIT, version ?? 'none', objection);
}
