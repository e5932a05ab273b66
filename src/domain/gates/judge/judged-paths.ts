import { matchesGlobs } from '../../globs';
import { JUDGE_RULES, NOT_OURS, type JudgeKind } from './rules';

/** What beside the rules says which files judge. */
export interface JudgeScope {
  /** Patterns of the project: what judges too, whatever the rules say. */
  readonly paths: readonly string[];
  /** And what does not. */
  readonly ignore: readonly string[];
  /** Files that the suite's command names, and where links of main lead that judge. */
  readonly named: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

/** What the file judges as; null where it judges nothing. */
export function judgeKind(path: string, { paths, ignore, named }: JudgeScope): JudgeKind | null {
  if (ignore.length > 0 && matchesGlobs(path, ignore)) return null;
  if (paths.length > 0 && matchesGlobs(path, paths)) return 'named';
  const kind = byRules(path);
  // A script of CI that the suite runs is more than a matter of CI.
  return (kind === null || kind === 'ci') && isWithin(path, named) ? 'named' : kind;
}

export function byRules(path: string): JudgeKind | null {
  if (NOT_OURS.test(path)) return null;
  return JUDGE_RULES.find((rule) => rule.path.test(path))?.kind ?? null;
}

/** Links from one link to the next that are followed. */
const MOST_LINKS = 5;

/**
 * Where links lead that judge: a test that is a link judges by the file behind it. A link out of the repository leads nowhere.
 *
 * @param links of main, by their paths.
 */
export function behindLinks(links: ReadonlyMap<string, string>, scope: Omit<JudgeScope, 'named'>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of links.keys()) {
    if (judgeKind(path, { ...scope, named: NOTHING }) === null) continue;
    let at: string | null = path;
    for (let step = 0; at !== null && step < MOST_LINKS; step += 1) {
      const target = links.get(at);
      at = target === undefined ? null : resolved(at, target);
      if (at !== null) found.add(at);
    }
  }
  return found;
}

/**
 * Files that a command names by their paths, `./ci/test.sh` or `tools/run.js`; they judge as the command does.
 *
 * @param files of main.
 */
export function filesOfCommand(command: string, files: { has(path: string): boolean }): ReadonlySet<string> {
  const words = command.split(/[\s"'`;&|()<>=,]+/).map(plainPath);
  const folders = words.filter((_word, at) => TO_FOLDER.has(words[at - 1] ?? ''));
  const places = words.flatMap((word, at) => {
    const endings = NODES.has(words[at - 1] ?? '') ? ENDINGS : [''];
    const starts = word.startsWith('/') ? [''] : ['', ...folders.map((folder) => `${folder}/`)];
    return starts.flatMap((start) => endings.map((end) => plainPath(`${start}${word}${end}`)));
  });
  return new Set(places.filter((path) => path !== '' && files.has(path)));
}

/** What stands behind these is where the rest of the command runs: `cd ci && ./test.sh`. */
const TO_FOLDER: ReadonlySet<string> = new Set(['cd', 'pushd', '-C', '--prefix', '--dir', '--cwd']);

/** `node tools/run` is `tools/run.js`; `eslint src` is nothing. */
const NODES: ReadonlySet<string> = new Set(['node', 'tsx', 'ts-node', 'bun']);
const ENDINGS = ['', '.js', '.cjs', '.mjs', '.ts', '.json', '/index.js'];

function plainPath(word: string): string {
  return word
    .replace(/^\$(?:PWD|\{PWD\})\//, '')
    .split('/')
    .filter((name, at) => name !== '.' && (name !== '' || at === 0))
    .join('/');
}

function isWithin(path: string, named: ReadonlySet<string>): boolean {
  if (named.size === 0) return false;
  if (named.has(path)) return true;
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    if (named.has(path.slice(0, end))) return true;
  return false;
}

/** Null for what leads out of the repository. */
function resolved(link: string, target: string): string | null {
  if (target.startsWith('/')) return null;
  const names = link.split('/').slice(0, -1);
  for (const name of target.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return null;
  }
  return names.length === 0 ? null : names.join('/');
}
