import { execa } from 'execa';
import { GIT_STEP_MS } from '../../domain/task/job';
import { GitError } from '../../application/ports/git-workspace';
import { processEnvironment } from '../config/environment';

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitOptions {
  /** A work tree or a bare repository; the command runs there. */
  readonly cwd: string;
  readonly input?: string;
  /** Exit codes that are answers; every other one is a `GitError`. Default: 0 only. */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
}

/** Nothing a repository or a user configures may run or change what we run. */
const SAFE = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.pager=cat',
  'core.editor=:',
  'sequence.editor=:',
  'commit.gpgsign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'protocol.ext.allow=never',
  // Landed commits and refs have to survive a power cut, as the event that tells of them does.
  'core.fsync=all',
  'core.logAllRefUpdates=always',
].flatMap((setting) => ['-c', setting]);

/** Runs git in an environment made from nothing, with a time limit; what goes wrong is a typed `GitError`. */
export class Git {
  /** @param globalConfig file with the directories that may belong to another user; /dev/null for none. */
  constructor(private readonly globalConfig = '/dev/null') {}

  /** @returns what git printed. @throws GitError GIT_LOCKED GIT_TIMEOUT GIT_NOT_A_REPOSITORY GIT_FAILED */
  async run(args: readonly string[], options: GitOptions): Promise<GitResult> {
    const { cwd, input, answers = [0], timeoutMs = GIT_STEP_MS } = options;
    const result = await execa('git', [...SAFE, ...args], {
      cwd,
      env: this.environment(cwd),
      extendEnv: false,
      reject: false,
      timeout: timeoutMs,
      forceKillAfterDelay: 2_000,
      stripFinalNewline: true,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    });
    const { stdout, stderr, exitCode } = result;
    if (exitCode !== undefined && answers.includes(exitCode)) return { exitCode, stdout, stderr };
    throw faultOf(args, { timedOut: result.timedOut, timeoutMs, stderr: stderr || (result.shortMessage ?? ''), cwd });
  }

  async text(args: readonly string[], options: GitOptions): Promise<string> {
    return (await this.run(args, options)).stdout;
  }

  private environment(cwd: string): Record<string, string> {
    return {
      PATH: processEnvironment()['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      LC_ALL: 'C',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: this.globalConfig,
      // For the repository that the command runs in; what git starts by itself reads the file above.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: cwd,
      GIT_ATTR_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '/bin/true',
      SSH_ASKPASS: '/bin/true',
      GIT_PAGER: 'cat',
      GIT_EDITOR: ':',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_ALLOW_PROTOCOL: 'file',
      GIT_AUTHOR_NAME: 'stagegate',
      GIT_AUTHOR_EMAIL: 'stagegate@localhost',
      GIT_COMMITTER_NAME: 'stagegate',
      GIT_COMMITTER_EMAIL: 'stagegate@localhost',
    };
  }
}

const LOCKED =
  /Unable to create '[^']*\.lock': File exists|cannot lock ref|is locked|another git process seems to be running/i;

function faultOf(
  args: readonly string[],
  { timedOut, timeoutMs, stderr, cwd }: { timedOut: boolean; timeoutMs: number; stderr: string; cwd: string },
): GitError {
  const what = `git ${args.find((arg) => !arg.startsWith('-')) ?? ''} in ${cwd}`;
  const said = stderr.split('\n').filter(Boolean).slice(0, 3).join('; ').slice(0, 500);
  if (timedOut) return new GitError('GIT_TIMEOUT', `${what}: expected an end within ${timeoutMs} ms, saw none`);
  if (isLocked(stderr)) return new GitError('GIT_LOCKED', `${what}: ${said}`);
  if (/not a git repository/i.test(stderr))
    return new GitError('GIT_NOT_A_REPOSITORY', `${cwd}: expected a git repository, saw none; name one`);
  return new GitError('GIT_FAILED', `${what}: ${said || 'it said nothing'}`);
}

/** A compare that found another value is no lock: somebody was faster, and waiting changes nothing. */
export function isLocked(stderr: string): boolean {
  return LOCKED.test(stderr) && !/but expected|reference already exists/.test(stderr);
}
