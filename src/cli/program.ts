import { Command, CommanderError } from 'commander';
import { keepSecrets, secretsIn } from '../application/secrets';
import { stderr, stdout } from '../infrastructure/terminal/standard-stream';
import { visibleText } from '../infrastructure/terminal/visible';
import { EXIT } from './exit-codes';
import { manifest } from './manifest';
import { printFault, printMistake, printMisuse } from './output';
import { isForUser } from './user-error';
import { addKeeping } from './verbs/keeping.verbs';
import { addOperating } from './verbs/operating.verbs';
import { addReading } from './verbs/reading.verbs';
import { addRunning } from './verbs/running.verbs';
import { addWork } from './work/work-program';

/** Runs one command line. @returns the exit code; prints every error itself. */
export async function runCli(argv: readonly string[]): Promise<number> {
  // What is typed in the wrong place is repeated by many a message.
  keepSecrets(argv.flatMap(secretsIn));
  let code: number = EXIT.ok;
  const program = makeProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return explainError(error);
  }
}

/**
 * Every verb and flag. What a verb needs is loaded when it runs: `--help` should not wait for a query builder.
 *
 * @param end is told the exit code of a verb that has one of its own.
 */
export function makeProgram(end: (code: number) => void): Command {
  const program = new Command('stagegate')
    .description(
      'Referees software delivery by agents: deterministic gates, one event log, no infrastructure taken for code.',
    )
    .version(manifest().version)
    .exitOverride()
    .configureHelp({ sortSubcommands: true })
    .configureOutput({
      writeOut: (text) => {
        stdout.write(visibleText(text));
      },
      writeErr: (text) => {
        stderr.write(visibleText(text));
      },
      // It repeats what it was given.
      outputError: printMisuse,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  addRunning(program, end);
  addReading(program, end);
  addOperating(program);
  addWork(program, end);
  addKeeping(program, end);
  return program;
}

function explainError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (isForUser(error)) {
    printMistake(error.message);
    return EXIT.usage;
  }
  printFault(error);
  return EXIT.internal;
}
