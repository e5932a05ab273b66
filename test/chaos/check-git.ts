import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { TASK_STREAM_PREFIX } from '../../src/domain/ids';
import type { SampleRepository } from '../support/sample-repository';

interface Landed {
  readonly task: string;
  readonly newOid: string;
  readonly baseOid: string;
}

/**
 * What git has to say about the landings that the log tells of: each once, in a row, and no other.
 *
 * @param bringsMore whether a task's branch may have more than one commit under its name.
 */
export function wrongLandings(
  log: readonly StoredEvent[],
  repository: SampleRepository,
  bringsMore: (task: string) => boolean,
): string[] {
  const landings = log
    .filter(({ type }) => type === 'TaskLanded')
    .map(({ stream, data }) => ({ ...data, task: stream.slice(TASK_STREAM_PREFIX.length) }) as unknown as Landed);
  return [
    ...wrongRefs(landings, repository),
    ...wrongMoves(landings, repository),
    ...wrongCommits(landings, repository, bringsMore),
  ];
}

/** The ref that the landing's transaction made, for each landing and for nothing else. */
function wrongRefs(landings: readonly Landed[], repository: SampleRepository): string[] {
  const lines = repository.git(
    ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/stagegate/landed'],
    repository.dir,
  );
  const refs = new Map(
    lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ') as [string, string])
      .map(([ref, oid]) => [ref.replace('refs/stagegate/landed/', '').replace('/', '.'), oid]),
  );
  const missing = landings.filter(({ task, newOid }) => refs.get(task) !== newOid);
  const logged = new Set(landings.map(({ task }) => task));
  return [
    ...missing.map(({ task, newOid }) => `${task} landed as ${newOid}, its ref says ${refs.get(task) ?? 'nothing'}`),
    ...[...refs.keys()].filter((task) => !logged.has(task)).map((task) => `${task} has landed and the log has no word`),
  ];
}

/** By the repository's own reflog: every move of main is one landing's, and goes forward. */
function wrongMoves(landings: readonly Landed[], repository: SampleRepository): string[] {
  if (landings.length === 0) return [];
  const moves = readFileSync(join(repository.dir, 'logs/refs/heads/main'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(0, 2) as [string, string]);
  const expected = new Map(landings.map(({ baseOid, newOid }) => [`${baseOid} ${newOid}`, 0]));
  const wrong: string[] = [];
  moves.forEach(([from, to], index) => {
    const move = `${from} ${to}`;
    const before = expected.get(move);
    if (before === undefined) wrong.push(`main moved from ${from} to ${to} by no landing`);
    else expected.set(move, before + 1);
    const previous = moves[index - 1];
    if (previous && previous[1] !== from) wrong.push(`main was at ${previous[1]} and moved from ${from}`);
    if (repository.git(['merge-base', from, to], repository.dir) !== from)
      wrong.push(`main moved from ${from} to ${to}, not forward`);
  });
  for (const [move, count] of expected) if (count !== 1) wrong.push(`main moved ${count} times along ${move}`);
  const last = moves.at(-1)?.[1];
  if (last !== repository.head('main'))
    wrong.push(`main is at ${repository.head('main')}, its last move was to ${last}`);
  return wrong;
}

/** Every commit that a task brought, once; of tasks that did not land none. */
function wrongCommits(
  landings: readonly Landed[],
  repository: SampleRepository,
  bringsMore: (task: string) => boolean,
): string[] {
  const subjects = repository
    .git(['log', '--format=%s', 'main'], repository.dir)
    .split('\n')
    .filter((subject) => subject.startsWith('change change/'))
    .map((subject) => subject.replace('change change/', ''));
  const logged = new Set(landings.map(({ task }) => task.slice(task.indexOf('.') + 1)));
  const files = repository
    .git(['ls-tree', '--name-only', 'main', 'tasks/'], repository.dir)
    .split('\n')
    .map((path) => path.replace('tasks/', ''));
  const merges = repository.git(['rev-list', '--merges', '--count', 'main'], repository.dir);
  return [
    ...[...logged].filter((task) => !subjects.includes(task)).map((task) => `main has no commit of ${task}`),
    ...subjects.filter((task) => !logged.has(task)).map((task) => `main has a commit of ${task}, which has not landed`),
    ...subjects
      .filter((task, at) => subjects.indexOf(task) !== at && !bringsMore(task))
      .map((task) => `main has more than one commit of ${task}`),
    ...[...logged].filter((task) => !files.includes(task)).map((task) => `main has no file of ${task}`),
    ...(merges === '0' ? [] : [`main has ${merges} merges`]),
  ];
}
