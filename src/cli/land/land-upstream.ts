import { fastForward } from '../../infrastructure/git/landing/fast-forward';
import { Git } from '../../infrastructure/git/command/git-command';
import { branchRef } from '../../infrastructure/git/command/names';
import { resolvedRef } from '../../infrastructure/git/landing/ref-facts';
import { remotesOf, upstreamOf, type Upstream } from '../../infrastructure/git/fetching/upstream';
import { fetchAsUser } from '../../infrastructure/git/fetching/user-fetch';
import { filesOfMain, isBeingRebased } from '../../infrastructure/git/work-tree/work-trees';
import { wordsOf } from '../../domain/within-sentence';
import { shellWord } from '../shell-word';
import { UserError } from '../user-error';

interface Clone {
  readonly gitDir: string;
  readonly main: string;
}

/**
 * A landing onto a main that lacks what its upstream is known to have would make the two go apart, so it is refused.
 *
 * @param isFetched `--fetch`: the upstream is fetched first, and main moved on to it where that is a fast-forward.
 */
export async function requireUpstream({ gitDir, main }: Clone, isFetched: boolean, now: Date): Promise<void> {
  const git = new Git();
  if (isFetched) await fetchUpstream(git, { gitDir, main });
  const upstream = await upstreamOf(git, gitDir, main);
  if (isFetched && upstream?.oid === null) {
    throw new UserError(`--fetch: expected ${upstream.name} on ${upstream.remote}, saw none; leave --fetch out`);
  }
  if (!upstream || upstream.oid === null || upstream.behind === 0) return;
  const { name, ahead, behind, oid } = upstream;
  if (ahead > 0) {
    throw new UserError(
      `--main: expected ${main} to have all of ${name}, lacks ${commits(behind)} and has ${commits(ahead)} of its own; bring them together first, as with "git rebase ${name} ${main}"`,
    );
  }
  if (!isFetched) {
    throw new UserError(
      `--main: expected ${main} to have all of ${name}, lacks ${commits(behind)}${asOf(upstream, now)}; ${await wayOn(git, { gitDir, main })}`,
    );
  }
  await moveOn(git, { gitDir, main }, oid);
}

/** Files of a main that is checked out are moved by git alone, which --fetch would only say, too. */
async function wayOn(git: Git, { gitDir, main }: Clone): Promise<string> {
  const files = await filesOfMain(git, { project: 'repo', path: gitDir, main });
  return files.kind === 'there'
    ? `run "git -C ${shellWord(files.at)} pull --ff-only" first`
    : `add --fetch, or run "git pull" on ${main}`;
}

/** What publishes main, which nobody but its user does; null where there is no remote to publish it to. */
export async function publishing({ gitDir, main }: Clone, branch: string): Promise<string | null> {
  const git = new Git();
  const upstream = await upstreamOf(git, gitDir, main);
  const remotes = await remotesOf(git, gitDir);
  const remote =
    upstream?.remote ?? (remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined);
  if (remote === undefined) return null;
  const there = (upstream?.remoteRef ?? branchRef(main)).replace('refs/heads/', '');
  const push = `git -C ${shellWord(gitDir)} push ${shellWord(remote)}`;
  const source = shellWord(there === main ? main : `${main}:${there}`);
  return `${push} ${source}, which publishes it; where ${there} is protected, ${push} ${shellWord(`${main}:refs/heads/landed/${branch}`)} and open a pull request`;
}

async function fetchUpstream(git: Git, { gitDir, main }: Clone): Promise<void> {
  const upstream = await upstreamOf(git, gitDir, main);
  if (!upstream) {
    throw new UserError(
      `--fetch: expected ${main} to follow a branch of a remote, saw none; run "git branch --set-upstream-to=origin/${main} ${main}", or leave --fetch out`,
    );
  }
  try {
    await fetchAsUser(gitDir, upstream.remote);
  } catch (error) {
    throw new UserError(
      `--fetch: expected ${upstream.remote} to answer, ${wordsOf(error)}; try it by hand, or leave --fetch out`,
    );
  }
}

async function moveOn(git: Git, { gitDir, main }: Clone, oid: string): Promise<void> {
  const files = await filesOfMain(git, { project: 'repo', path: gitDir, main });
  if (isBeingRebased(gitDir, await resolvedRef(git, gitDir, branchRef(main))))
    throw new UserError(`--fetch: expected ${main} not to be rebased meanwhile; end the rebase first`);
  if (files.kind !== 'nowhere') {
    throw new UserError(
      `--fetch: expected ${main} not to be checked out, is at ${files.at}; run "git pull --ff-only" there, and leave --fetch out`,
    );
  }
  await fastForward(git, gitDir, { branch: main, oid });
}

function commits(count: number): string {
  return count === 1 ? '1 commit' : `${count} commits`;
}

function asOf({ fetchedAt }: Upstream, now: Date): string {
  if (!fetchedAt) return '';
  const hours = Math.floor((now.getTime() - fetchedAt.getTime()) / 3_600_000);
  if (hours < 1) return ' (fetched within the hour)';
  return hours < 48 ? ` (fetched ${hours} hours ago)` : ` (fetched ${Math.floor(hours / 24)} days ago)`;
}
