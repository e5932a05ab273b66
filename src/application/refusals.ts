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

/** Before it is known whether there is such a project. @throws RequestRefused */
export function demandRight(principal: Principal, command: CommandType, project: string): void {
  const lack = lacking(principal, command, isProjectKey(project) ? project : quoted(project));
  if (lack !== null) throw new RequestRefused('forbidden', 'not-allowed', lack);
}

/** The project of a task. @throws RequestRefused for who lacks the right first: whether it exists is not theirs to know. */
export function projectFor(projects: Projects, id: string, command: CommandType, principal: Principal): Project {
  const key = parseTaskId(id)?.project ?? id;
  demandRight(principal, command, key);
  return knownProject(projects, key);
}

/** Characters of a text that does not fit, in the line that says so. */
const LONGEST_SEEN = 300;

/** @param member as whoever asked calls it. */
export function unfit(code: string, member: string, expected: string, seen: string): RequestRefused {
  return misfit(code, member, expected, storableText(quoted(seen), LONGEST_SEEN));
}

export function misfit(code: string, member: string, expected: string, saw: string): RequestRefused {
  return new RequestRefused('invalid', code, `${member}: expected ${expected}, saw ${saw}; correct it`);
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
