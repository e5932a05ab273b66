import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SampleRepository } from '../../../support/sample-repository';

/** A text whose lines tell of a file and a place. */
export const lines = (name: string, count = 12, changed: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: count }, (_, at) => `${changed[at] ?? `${name} line ${at} of the first version`}\n`).join('');

/** A repository as people merge in one, in the work tree. */
export class LandingsBed extends SampleRepository {
  constructor() {
    super();
    this.write({ 'a.txt': lines('a'), 'b.txt': lines('b'), 'src/c.txt': lines('c') });
    this.record('Begin with three files');
  }

  write(files: Readonly<Record<string, string | null>>): void {
    for (const [path, text] of Object.entries(files)) {
      const at = join(this.work, path);
      if (text === null) {
        rmSync(at, { recursive: true });
        continue;
      }
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, text);
    }
  }

  executable(path: string): void {
    chmodSync(join(this.work, path), 0o755);
  }

  record(message: string): string {
    this.git(['add', '--all']);
    this.git(['commit', '--quiet', '--allow-empty', '-m', message]);
    return this.git(['rev-parse', 'HEAD']);
  }

  /** Commits to a branch that is cut here, and comes back to main. */
  branch(name: string, files: Readonly<Record<string, string | null>>): string {
    this.git(['switch', '--quiet', '-c', name]);
    this.write(files);
    const oid = this.record(`Work on ${name}`);
    this.git(['switch', '--quiet', 'main']);
    return oid;
  }

  main(files: Readonly<Record<string, string | null>>, message = 'Go on'): string {
    this.write(files);
    return this.record(message);
  }

  /** Merges a branch into main; `edit` changes what is committed then. */
  merge(name: string, edit: () => void = () => undefined, ...more: readonly string[]): string {
    try {
      this.git(['merge', '--quiet', '--no-ff', '--no-commit', ...more, name]);
    } catch {
      // A conflict, which `edit` resolves.
    }
    edit();
    return this.record(`Merge ${name}`);
  }

  /** A merge commit whose tree somebody has put together. */
  mergeWithTree(name: string, tree: string): string {
    const oid = this.git(['commit-tree', tree, '-p', 'main', '-p', name, '-m', `Merge ${name}`]);
    this.git(['reset', '--quiet', '--hard', oid]);
    return oid;
  }
}
