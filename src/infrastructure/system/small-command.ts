import { programPath } from '../config/environment';

/** What a small program has said. */
export interface SmallResult {
  readonly isDone: boolean;
  readonly stdout: string;
  /** Why not, in its own words or in those of the system; empty where neither says anything. */
  readonly said: string;
  readonly isMissing: boolean;
}

/**
 * Runs a program of the system that does one small thing and starts nothing: in an environment made from nothing, with a time
 * limit. Never rejects.
 *
 * @param options `env`: what it gets beside PATH and LC_ALL.
 */
export async function smallCommand(
  program: string,
  args: readonly string[],
  { timeoutMs, input, env = {} }: { timeoutMs: number; input?: Uint8Array; env?: Readonly<Record<string, string>> },
): Promise<SmallResult> {
  // Loaded for the first of them: most commands of ours never run one.
  const { execa } = await import('execa');
  const { failed, stdout, stderr, shortMessage, code } = await execa(program, [...args], {
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    env: { PATH: programPath(), LC_ALL: 'C', ...env },
    extendEnv: false,
    reject: false,
    timeout: timeoutMs,
  });
  return { isDone: !failed, stdout, said: stderr || (shortMessage ?? ''), isMissing: code === 'ENOENT' };
}
