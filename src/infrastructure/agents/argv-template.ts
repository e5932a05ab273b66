import type { CommandLine } from '../../domain/policy/project-policy';

export type ArgvValues = Readonly<Record<'role' | 'prompt' | 'prompt_file' | 'artifact_dir', string>>;

const PLACEHOLDER = /\{(role|prompt|prompt_file|artifact_dir)\}/g;

/**
 * An argument list gets its placeholders filled in, each argument staying one argument. Text for `sh -c` is never
 * touched: a title with a quote in it would become a command; such text reads `$STAGEGATE_PROMPT_FILE` instead.
 */
export function toArgv(command: CommandLine, values: ArgvValues): { command: string; args: readonly string[] } {
  if (typeof command === 'string') return { command: '/bin/sh', args: ['-c', command] };
  // One pass: what a value holds is not looked at again.
  const fill = (text: string): string => text.replace(PLACEHOLDER, (_, name: keyof ArgvValues) => values[name]);
  const [program = '', ...args] = command;
  return { command: program, args: args.map(fill) };
}
