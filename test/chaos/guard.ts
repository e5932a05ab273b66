import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Waits until the driver lets go of its standard input, by finishing or by dying however suddenly; then ends whatever works
 * in the folder and removes it, unless somebody has put a file `keep` there.
 */
const SCRIPT = `
read -r _
for _ in 1 2 3; do
  for process in /proc/[0-9]*; do
    case "$(readlink "$process/cwd")" in "$1"|"$1"/*) kill -KILL "\${process#/proc/}" ;; esac
  done 2>/dev/null
done
[ -e "$1/keep" ] || rm -rf "$1"
`;

export class Guard {
  private readonly child: ChildProcess;

  constructor(folder: string) {
    this.child = spawn('sh', ['-c', SCRIPT, 'guard', folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  }

  /** Resolves when nothing works in the folder any more. */
  async finish(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.stdin?.end();
    await gone;
  }
}
