/**
 * Parts of the command line that a run is started with. Each takes the line it goes around.
 *
 * Whatever wraps the command speaks on file descriptor 3, which the command itself does not get: `S` before it starts,
 * then what `times` says of its CPU, then `X <exit code>`. `F` in place of these: the shell could not fork.
 */
export type LaunchPart = (line: readonly string[]) => readonly string[];

/** A shell by its path: the PATH that the run gets must not decide who wraps it. */
export const SHELL = '/bin/sh';

/**
 * Waits for the command and reports. Survives what the command sends to its own process group (`kill 0` is a common
 * last line of scripts): traps, unlike ignored signals, are not inherited. `exec` keeps the shell from running a builtin
 * in place of the program of that name.
 */
const REPORTING = `trap : HUP INT TERM
trap "printf 'F\\n' >&3" EXIT
printf 'S\\n' >&3
( exec "$@" ) 3>&-
rc=$?
trap - EXIT
times >&3
printf 'X %s\\n' $rc >&3
exit $rc`;

/** Becomes the command: its pid is the wrapper's, and its end is the only report. */
const BECOMING = `printf 'S\\n' >&3; exec "$@" 3>&-`;

export const reporting: LaunchPart = (line) => [SHELL, '-c', REPORTING, 'stagegate-run', ...line];
export const becoming: LaunchPart = (line) => [SHELL, '-c', BECOMING, 'stagegate-run', ...line];
