/**
 * Parts of the command line that a run is started with. Each takes the line it goes around and gives the longer one.
 *
 * Whatever wraps the command speaks on file descriptor 3, which the command itself does not get: `S` before it starts,
 * then what `times` says of its CPU, then `X <exit code> [<processes left> <their user ticks> <their system ticks>]`. `F` in
 * place of these: the shell could not fork. The first process of a namespace waits for `G` after its `S`.
 */
export type LaunchPart = (line: readonly string[]) => readonly string[];

/** The first part goes outermost. */
export function launchLine(parts: readonly LaunchPart[], command: readonly string[]): readonly string[] {
  return parts.reduceRight((line, part) => part(line), command);
}

/** A shell by its path: the PATH that the run gets must not decide who wraps it. */
export const SHELL = '/bin/sh';

function script(text: string, ...args: readonly string[]): LaunchPart {
  return (line) => [SHELL, '-c', text, ...args, ...line];
}

/**
 * Waits for the command and reports. Survives what the command sends to its own process group (`kill 0` is a common
 * last line of scripts): traps, unlike ignored signals, are not inherited. `exec` keeps the shell from running a builtin
 * in place of the program of that name.
 */
export const reporting = script(
  `trap : HUP INT TERM
trap "printf 'F\\n' >&3" EXIT
printf 'S\\n' >&3
( exec "$@" ) 3>&-
rc=$?
trap - EXIT
times >&3
printf 'X %s\\n' $rc >&3
exit $rc`,
  'stagegate-run',
);

/** Becomes the command: its pid is the wrapper's, and its end is the only report. */
export const becoming = script(`printf 'S\\n' >&3; exec "$@" 3>&-`, 'stagegate-run');

/**
 * First process of a pid namespace: when it ends, the kernel kills the whole namespace. Passes TERM on to everybody in it,
 * which anywhere else would reach every process of the user; hence the first line. Once it has done so it stays until all
 * have ended, so that whoever tidies up is not cut short by the end of the command; the runner's KILL ends that. Before it
 * goes it counts who is left: nobody can afterwards.
 *
 * Starts nothing before somebody answers its `S` with `G`: `unshare` asks the kernel to kill this process together with it only
 * after the fork, so that a service which is killed just then would leave the run behind. That somebody listens is not
 * enough: the thread that `unshare` dies with ends some milliseconds before the last one that holds the channel open.
 *
 * `count` reads `/proc/<pid>/stat`, see proc(5): behind the name come the state, then 10 fields, then utime, stime, cutime, cstime.
 * What has ended and was not waited for yet is none of those left, but its CPU is in nobody's `times`. A name may hold a line
 * end, and then anything may stand where the numbers should: what is no number must not get near the shell's arithmetic.
 */
const INIT = `[ $$ -eq 1 ] || exit 125
count() {
  left=0 user=0 sys=0
  for d in /proc/[0-9]*; do
    [ $d != /proc/1 ] && { read -r s < $d/stat; } 2>/dev/null || continue
    set -- \${s##*) }
    case $1 in [ZX]) ;; *) left=$((left + 1)) ;; esac
    case \${12}\${13}\${14}\${15} in '' | *[!0-9]*) continue ;; esac
    user=$((user + \${12} + \${14})) sys=$((sys + \${13} + \${15}))
  done
}
asked=
trap 'asked=yes; kill -TERM -1 2>/dev/null' TERM
printf 'S\\n' >&3 && read -r go <&3 && [ "$go" = G ] || exit 125
trap "printf 'F\\n' >&3" EXIT
sleep=$1; shift
"$@" 3>&- &
p=$!
while :; do wait $p; rc=$?; kill -0 $p 2>/dev/null || break; done
trap - EXIT
count
while [ "$asked" ] && [ $left -gt 0 ]; do "$sleep" 0.02 3>&-; count; done
times >&3
printf 'X %s %s %s %s\\n' $rc $left $user $sys >&3
exit $rc`;

/** Programs that the first process of a namespace needs, by their paths. */
export interface InitTools {
  readonly setsid: string;
  readonly env: string;
  readonly sleep: string;
}

/**
 * The command gets a session of its own, so that what it sends to its group does not come back to the init, and the two
 * signals that a shell takes from what it starts in the background.
 */
export function namespaceInit({ setsid, env, sleep }: InitTools): LaunchPart {
  const init = script(INIT, 'stagegate-init', sleep);
  // To `env` a name with = in it is a variable; a shell takes it for what it is.
  const plain = (line: readonly string[]) => (line[0]?.includes('=') ? script('exec "$@"', 'sh')(line) : line);
  return (line) => init([setsid, env, '--default-signal=INT,QUIT', ...plain(line)]);
}

/** The kernel kills the chain when the thread that spawned it ends; and if that was before, nothing is started. */
export function dyingWith(parent: number, setpriv: string): LaunchPart {
  const unlessOrphan = script('[ "$PPID" -eq "$0" ] || exit 125; exec "$@"', String(parent));
  return (line) => [setpriv, '--pdeathsig', 'SIGKILL', '--', ...unlessOrphan(line)];
}

/** Joins a cgroup before anything can fork. */
export function joining(cgroup: string): LaunchPart {
  return script('echo $$ > "$0/cgroup.procs" || exit 125; exec "$@"', cgroup);
}

/** What a run is not to see, and what puts it out of sight. */
export interface Hiding {
  /** Folders and files, by whole paths; those that are not there need no hiding. */
  readonly paths: readonly string[];
  /** The program, by its path. */
  readonly mount: string;
  /** A command that takes away, from what it runs, the right to undo that; empty for root, who keeps it. */
  readonly dropping: readonly string[];
}

const HIDE = `mount=$1; shift
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then "$mount" -t tmpfs -o ro,nosuid,nodev,noexec,size=4k,mode=0 stagegate "$1" || exit 125
  elif [ -e "$1" ]; then "$mount" --bind /dev/null "$1" || exit 125
  fi
  shift
done
shift
exec "$@"`;

/**
 * Behind `inPidNamespace`, which makes a mount namespace too. A folder is hidden with whatever comes into it later; a file only
 * until somebody renames another one over it.
 */
export function hiding({ paths, mount, dropping }: Hiding): LaunchPart {
  const hide = script(HIDE, 'stagegate-hide', mount, ...paths, '--', ...dropping);
  return (line) => hide(line);
}

/** @param mapping empty for root; others need a user namespace around it. */
export function inPidNamespace(unshare: string, mapping: readonly string[]): LaunchPart {
  return (line) => [unshare, ...mapping, '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc', ...line];
}
