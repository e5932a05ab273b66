import type { Command } from 'commander';
import { SERVICE_KEYS } from '../../infrastructure/config/service-keys';
import type { Client } from '../client';
import { terminalOutput, type Output } from '../output';

export const TASK = 'a task, as <project>.<task>';

/** Flags of every verb. */
export interface Common {
  readonly json?: boolean;
  readonly repo?: string;
}

export function common(command: Command): Command {
  return command
    .option('--json', 'results as JSON on stdout')
    .showHelpAfterError('(stagegate help shows every command)');
}

export function reading(command: Command): Command {
  return common(command).option('--repo <path>', 'the state that land keeps in this repository');
}

export async function withClient(
  options: Common,
  work: (client: Client, output: Output) => Promise<void>,
): Promise<void> {
  const { connect } = await import('../connect.js');
  const client = await connect(options.repo);
  try {
    await work(client, terminalOutput(options.json ?? false));
  } finally {
    await client.close();
  }
}

/** Of an option that may be given again. */
export function gathered(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Where a flag's value comes from when it is left out. */
export function defaultIs(key: keyof typeof SERVICE_KEYS, unit = ''): string {
  const { name, fallback } = SERVICE_KEYS[key];
  return `default: ${name}, or ${fallback}${unit}`;
}
