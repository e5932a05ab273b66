import type { Executed } from './execute-task';
import type { Project, Projects } from './projects';
import { quoted } from './secrets';
import { lacking, type CommandType } from '../domain/authority/needed-rights';
import type { Principal } from '../domain/authority/principal';
import { isProjectKey, parseTaskId } from '../domain/ids';
import type { Task } from '../domain/task/task.state';
import { storableText } from '../domain/storable';

/** A request that cannot be served. `kind` decides the HTTP status; the message is for people. */
export class RequestRefused extends Error {
  constructor(
    readonly kind:
      | 'unauthenticated'
      | 'forbidden'
      | 'invalid'
      | 'unknown'
      | 'conflict'
      | 'malformed'
      | 'gone'
      | 'limited'
      | 'moved'
      | 'unconditional',
    readonly code: string,
    message: string,
    /** Of the task as it is, for who asked about another one. */
    readonly revision: string | null = null,
    /** What does not fit, as whoever asked calls it; null where it is more than that. */
    readonly member: string | null = null,
  ) {
    super(message);
  }
}

/** @throws RequestRefused when this process has no such project. */
export function knownProject(projects: Projects, key: string): Project {
  const project = isProjectKey(key) ? projects.get(key) : null;
  if (project) return project;
  const known = projects.all().map(({ policy }) => policy.project);
  const text = `project: expected one of ${known.join(', ') || 'none configured'}, saw ${quoted(key)}`;
  throw new RequestRefused('unknown', 'unknown-project', text);
}

/**
 * The project that somebody asks something of.
 *
 * @throws RequestRefused: one that they may not see is not there for them, and only of what is there it is said that a right is lacking.
 */
export function projectAsked(projects: Projects, key: string, command: CommandType, principal: Principal): Project {
  const project = knownProject(projects.within(principal.projects), key);
  const lack = lacking(principal, command, key);
  if (lack !== null) throw new RequestRefused('forbidden', 'not-allowed', lack);
  return project;
}

/** The project of a task. @throws RequestRefused as above. */
export function projectFor(projects: Projects, id: string, command: CommandType, principal: Principal): Project {
  return projectAsked(projects, parseTaskId(id)?.project ?? id, command, principal);
}

/** Characters of a text that does not fit, in the line that says so. */
const LONGEST_SEEN = 300;

/** @param member as whoever asked calls it. */
export function unfit(code: string, member: string, expected: string, seen: string): RequestRefused {
  return misfit(code, member, expected, storableText(quoted(seen), LONGEST_SEEN));
}

export function misfit(code: string, member: string, expected: string, saw: string): RequestRefused {
  return new RequestRefused('invalid', code, `${member}: expected ${expected}, saw ${saw}; correct it`, null, member);
}

type Rejected = Pick<Extract<Executed, { kind: 'rejected' }>, 'reason' | 'detail'> & {
  readonly task?: Task;
};

/** What the decider has refused. */
export function refused(id: string, { reason, detail, task }: Rejected): RequestRefused {
  if (reason === 'task-moved' && task?.kind === 'submitted')
    return new RequestRefused('moved', 'task-moved', `${id}: ${detail}`, String(task.revision));
  return new RequestRefused(kindOf(reason), reason, `${id}: ${detail}`);
}

/** Whether a refusal of the decider is about who asks, about what there is, or about what was asked for. */
function kindOf(reason: Extract<Executed, { kind: 'rejected' }>['reason']): RequestRefused['kind'] {
  if (reason === 'not-allowed' || reason === 'not-your-claim') return 'forbidden';
  if (reason === 'unknown-task' || reason === 'unknown-alert') return 'unknown';
  return reason.startsWith('invalid-') || reason === 'reused-key' ? 'invalid' : 'conflict';
}
