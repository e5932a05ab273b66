import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { GIT_STEP_MS } from '../../../domain/task/job-limits';
import { GitError } from '../../../application/ports/git-workspace';
import { gathered } from './gathered';
import { gitEnvironment, SAFE } from './git-environment';
import { withinSentence, wordsOf } from '../../../domain/within-sentence';

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** All of `stdout`, with its last line end. */
  readonly bytes: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  /** A work tree or a bare repository; the command runs there. */
  readonly cwd: string;
  readonly input?: string | Uint8Array;
  /** Exit codes that are answers; every other one is a `GitError`. Default: 0 only. */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
  /** Default: UTF-8. `latin1` keeps every byte of names that may be in no encoding at all. */
  readonly encoding?: 'utf8' | 'latin1';
  /** Ends it as if its time were up. */
  readonly signal?: AbortSignal;
  /** Takes the processor only when nobody else wants it. */
  readonly isModest?: boolean;
  /** Settings of this one command, by name; the names may hold anything. */
  readonly settings?: Readonly<Record<string, string>>;
  /** More of the environment: which index, which work tree. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Between asking git to end and killing it: enough to remove its lock files. */
const GRACE_MS = 2_000;

/** What a command may take in a process that was told to end and waits for nothing else any more. */
const HURRIED_MS = 5_000;

const underWay = new Set<() => void>();
let isHurried = false;

/** Ends every git command of this process now, and those that are begun from here on soon. For a process that has to end. */
export function hurryGit(): void {
  isHurried = true;
  for (const end of underWay) end();
}

/** Runs git in an environment made from nothing, with a time limit; what goes wrong is a typed `GitError`. */
export class Git {
  /**
   * @param globalConfig file with the directories that may belong to another user; /dev/null for none.
   * @param environmentOf what git gets to know; only what writes files of a user asks for more than the default.
   */
  constructor(
    private readonly globalConfig = '/dev/null',
    private readonly environmentOf: typeof gitEnvironment = gitEnvironment,
  ) {}

  /** @returns what git printed. @throws GitError GIT_LOCKED GIT_TIMEOUT GIT_NOT_A_REPOSITORY GIT_FAILED */
  async run(args: readonly string[], options: GitOptions): Promise<GitResult> {
    const { cwd, input, answers = [0], timeoutMs = GIT_STEP_MS, encoding = 'utf8' } = options;
    const child = this.started(args, options);
    // It may end without having read everything; what it says then is the answer.
    child.stdin?.on('error', () => undefined).end(input);
    const limit = limitGroup(child.pid, isHurried ? Math.min(timeoutMs, HURRIED_MS) : timeoutMs);
    if (options.isModest) giveWay(child.pid);
    options.signal?.addEventListener('abort', limit.exceed);
    if (options.signal?.aborted) limit.exceed();
    const { fault, exitCode, ...printed } = await gathered(child, { encoding, end: limit.end });
    limit.lift();
    options.signal?.removeEventListener('abort', limit.exceed);
    if (exitCode !== null && answers.includes(exitCode)) return { exitCode, ...printed };
    const said = [fault, printed.stderr].filter(Boolean).join('\n');
    throw faultOf(args, { timeoutMs: limit.isExceeded() ? timeoutMs : null, stderr: said, cwd });
  }

  private started(args: readonly string[], { cwd, input, settings = {}, variables }: GitOptions): ChildProcess {
    try {
      return spawn('git', [...SAFE, ...args], {
        cwd,
        // All that it gets: nothing of the environment of this process.
        env: { ...this.environmentOf(this.globalConfig, { 'safe.directory': cwd, ...settings }), ...variables },
        // A group of its own: Ctrl-C in a terminal must not cut a landing in two, and a time-out ends git's helpers too.
        detached: true,
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
    } catch (error) {
      // Of what keeps a process from starting, a part is thrown and the rest is told by an event.
      throw faultOf(args, { timeoutMs: null, stderr: wordsOf(error), cwd });
    }
  }

  async text(args: readonly string[], options: GitOptions): Promise<string> {
    return (await this.run(args, options)).stdout;
  }
}

interface GroupLimit {
  /** Before its time. */
  readonly end: () => void;
  /** As if its time were up. */
  readonly exceed: () => void;
  readonly lift: () => void;
  readonly isExceeded: () => boolean;
}

/** Ends a whole process group when its time is up: TERM, and KILL for what does not listen. */
function limitGroup(pid: number | undefined, timeoutMs: number): GroupLimit {
  let isExceeded = false;
  const end = (): void => {
    clearTimeout(timer);
    signalGroup(pid, 'SIGTERM');
    timer = setTimeout(signalGroup, GRACE_MS, pid, 'SIGKILL');
  };
  const exceed = (): void => {
    isExceeded = true;
    end();
  };
  let timer = setTimeout(exceed, timeoutMs);
  underWay.add(exceed);
  return {
    end,
    exceed,
    lift: () => {
      underWay.delete(exceed);
      clearTimeout(timer);
    },
    isExceeded: () => isExceeded,
  };
}

/** What it starts from now on gives way as well. */
function giveWay(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left: what had to end has ended.
  }
}

/** A refused permission reads much the same, and no waiting helps against it. */
const LOCKED = /Unable to create '[^']*\.lock': File exists|another git process seems to be running/i;

function faultOf(
  args: readonly string[],
  { timeoutMs, stderr, cwd }: { timeoutMs: number | null; stderr: string; cwd: string },
): GitError {
  // What stands behind -c is a setting.
  const what = `git ${args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c') ?? ''} in ${cwd}`;
  const said = causesFirst(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('hint:')))
    .slice(0, 3)
    .map(withinSentence)
    .join('; ')
    .slice(0, 500);
  if (timeoutMs !== null)
    return new GitError(
      'GIT_TIMEOUT',
      `${what}: expected an end ${isHurried ? 'before the service stops' : `within ${timeoutMs} ms`}, saw none`,
    );
  if (isLocked(stderr)) return new GitError('GIT_LOCKED', `${what}: ${said}`);
  if (/not (?:appear to be )?a git repository/i.test(stderr) || !existsSync(cwd))
    return new GitError('GIT_NOT_A_REPOSITORY', `${cwd}: expected a git repository, saw none; name one`);
  return new GitError('GIT_FAILED', `${what}: ${said || 'it said nothing'}`);
}

/**
 * Both ends of a fetch write to one stream, in no certain order: what the other side ran into is why this one ended, and
 * comes first, since a line is cut somewhere.
 */
function causesFirst(lines: readonly string[]): readonly string[] {
  const isCause = (line: string) => line.startsWith('remote: ');
  return [...lines.filter(isCause), ...lines.filter((line) => !isCause(line))];
}

/** A compare that found another value is no lock: somebody was faster, and waiting changes nothing. */
export function isLocked(stderr: string): boolean {
  return LOCKED.test(stderr) && !/but expected|reference already exists/.test(stderr);
}
