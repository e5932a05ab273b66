import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeProgram } from '../../src/cli/program';
import { startNode, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';

jest.setTimeout(60_000);

const CLI = resolve(__dirname, '../../dist/cli/main.js');
const STARVE = resolve(__dirname, '../support/starve.cjs');
const folder = mkdtempSync(join(tmpdir(), 'stagegate-starved-'));
const session = new CliSession();
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

/** Every verb, so called that it is done soon: there is neither a git nor a project file. */
const VERBS = leavesOf(makeProgram(() => undefined)).map((verb) => {
  const needed = verb.options.filter(({ mandatory }) => mandatory).flatMap(({ long = '' }) => [long, 'x']);
  const values = verb.registeredArguments.filter(({ required }) => required).map(() => 'x');
  return [...nameOf(verb), ...(verb.name() === 'exec' ? ['--grace', 'soon'] : []), ...needed, '--', ...values];
});

const starved = (args: readonly string[], how: string): Promise<CliResult> =>
  startNode(['--require', STARVE, CLI, ...args], { PATH: '', STAGEGATE_SELFTEST_STARVE: how }, folder).ended;

it.each(VERBS.map((args) => [args.join(' '), args] as const))(
  '%s: does not end before it is done, though nothing else keeps it alive',
  async (_name, args) => {
    const fed = await session.run(args, { PATH: '' }, folder);
    // Had it succeeded, it would look like a process that ends too early.
    expect(fed.code).not.toBe(0);
    expect(withoutFigures(await starved(args, 'a moment'))).toEqual(withoutFigures(fed));
  },
);

it('a verb that can never be done is a fault that is seen, and no success', async () => {
  const said = 'stagegate: internal error: the command ended before it was done; report it\n';
  expect(await starved(['queue'], 'for-ever')).toEqual({ code: 1, signal: null, stdout: '', stderr: said });
});

it('a process that something ends before the verb is done is no success', async () => {
  expect(await starved(['queue'], 'exit')).toMatchObject({ code: 1, stdout: '' });
});

/** Times and free space differ from one run to the next. */
function withoutFigures(result: CliResult): CliResult {
  return { ...result, stdout: result.stdout.replace(/\d+/g, 'n') };
}

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function nameOf(verb: Command): readonly string[] {
  return verb.parent?.parent ? [...nameOf(verb.parent), verb.name()] : [verb.name()];
}
