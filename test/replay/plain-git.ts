import { spawnSync } from 'node:child_process';

const MOST_BYTES = 1_000_000_000;

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** git as it is where nobody has configured anything. */
export class PlainGit {
  private readonly env: NodeJS.ProcessEnv;

  /** @param home an empty folder. */
  constructor(home: string) {
    this.env = {
      PATH: process.env['PATH'],
      HOME: home,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_COMMITTER_NAME: 'Cleo',
      GIT_COMMITTER_EMAIL: 'cleo@example.org',
      GIT_AUTHOR_NAME: 'Cleo',
      GIT_AUTHOR_EMAIL: 'cleo@example.org',
      GIT_EDITOR: ':',
    };
  }

  /** For what may say no. Texts are latin1, a character for each byte. */
  run(cwd: string, args: readonly string[], input: Uint8Array = new Uint8Array()): Ended {
    const { status, stdout, stderr, error } = spawnSync('git', ['-c', 'gc.auto=0', ...args], {
      cwd,
      env: this.env,
      input,
      encoding: 'latin1',
      maxBuffer: MOST_BYTES,
    });
    if (error) throw error;
    return { status: status ?? 128, stdout, stderr };
  }

  /** @returns what it printed, without the line end. @throws Error in one line when it fails. */
  text(cwd: string, args: readonly string[], input?: Uint8Array): string {
    const { status, stdout, stderr } = this.run(cwd, args, input);
    if (status === 0) return stdout.replace(/\n$/, '');
    throw new Error(`git ${args[0] ?? ''} in ${cwd}: ${stderr.trim().split('\n')[0] ?? ''}`);
  }

  lines(cwd: string, args: readonly string[]): readonly string[] {
    return this.text(cwd, args).split('\n').filter(Boolean);
  }
}
