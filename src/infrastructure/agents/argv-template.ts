import type { CommandLine } from '../../domain/policy/project-policy';

export const PLACEHOLDERS = ['role', 'prompt', 'prompt_file', 'artifact_dir'] as const;
export type ArgvValues = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

const PLACEHOLDER = new RegExp(`\\{(${PLACEHOLDERS.join('|')})\\}`, 'g');
/** A name in braces. `${HOME}` is a shell's, `{{name}}` a template's. */
const NAMED = /(?<![${])\{([A-Za-z_][A-Za-z0-9_-]*)\}(?!\})/g;

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

/** A place of an argument list at which something stands in braces that is not filled in. */
export interface UnfilledPlaceholder {
  readonly index: number;
  /** Without the braces. */
  readonly name: string;
}

/** The first one that an agent would get as it is; the program itself is never filled in. */
export function unfilledPlaceholder(command: CommandLine): UnfilledPlaceholder | null {
  if (typeof command === 'string') return null;
  const isKnown = (name: string) => (PLACEHOLDERS as readonly string[]).includes(name);
  for (const [index, text] of command.entries()) {
    const names = [...text.matchAll(NAMED)].map(([, name = '']) => name);
    const name = names.find((one) => index === 0 || !isKnown(one));
    if (name !== undefined) return { index, name };
  }
  return null;
}
