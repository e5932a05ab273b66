import { stderr, stdout } from '../infrastructure/terminal/standard-stream';
import { EXIT } from './exit-codes';
import { printFault, printMistake } from './output';
import { isInterrupted, LAST_WORDS_MS } from './signals';

const AN_HOUR_MS = 3_600_000;

/**
 * Runs a verb until its promise settles, and makes its outcome the exit code.
 *
 * A verb may wait for nothing but a timer that does not keep the process alive: so something else does. Whatever ends the
 * process all the same before the verb is done, it never looks like success.
 *
 * @param unwritten what it ends with when it succeeded and its result could not be written.
 */
export function runToEnd(verb: () => Promise<number>, unwritten: number): void {
  let isDone = false;
  const alive = setInterval(() => undefined, AN_HOUR_MS);
  process.on('beforeExit', () => {
    if (isDone) return;
    isDone = true;
    process.exitCode = EXIT.internal;
    printFault('the command ended before it was done; report it');
  });
  // Not set from the beginning: the parser takes a code that is there already for its own.
  process.on('exit', () => {
    if (!isDone && !process.exitCode) process.exitCode = EXIT.internal;
  });
  process.on('uncaughtException', (error) => {
    printFault(error);
    process.exit(EXIT.internal);
  });
  void verb().then(async (code) => {
    if (isInterrupted())
      endSoon(() => {
        isDone = true;
        process.exit(code);
      });
    process.exitCode = await codeOf(code, unwritten);
    isDone = true;
    clearInterval(alive);
  });
}

/** Nothing that is still open, a pipe that nobody empties among it, keeps a process that was asked to end. */
function endSoon(end: () => void): void {
  setTimeout(end, LAST_WORDS_MS).unref();
}

/** A reader that has gone away changes nothing; a result that a disk did not take is none for whoever asked for it. */
async function codeOf(code: number, unwritten: number): Promise<number> {
  await stdout.flush();
  if (stdout.failure === null) return code;
  const how = 'make room or correct the redirection';
  printMistake(`stdout: expected a place that takes the whole result, saw ${stdout.failure}; ${how}`);
  await stderr.flush();
  return code === EXIT.ok ? unwritten : code;
}
