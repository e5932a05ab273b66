import { canonicalJson, type JsonObject, type JsonValue } from '../../json';
import type { Manifest } from './manifest';
import { ofSections } from './sections';

/** @returns null for a file that is no manifest. */
export function manifestOf(path: string): Manifest | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return MANIFESTS[name] ?? null;
}

const MANIFESTS: Readonly<Record<string, Manifest>> = {
  'package.json': ofJson('scripts', [
    ...['jest', 'vitest', 'mocha', 'ava', 'tap', 'nyc', 'c8', 'karma', 'cypress', 'jest-junit', 'mocha-junit-reporter'],
  ]),
  'composer.json': ofJson('scripts', []),
  'deno.json': ofJson('tasks', ['test']),
  'pyproject.toml': ofSections(
    // `[tool]` alone may hold all of them.
    /^tool(?:\.(?:(?:pytest|coverage|tox|nox|unittest|poe|taskipy)(?:\.|$)|pdm\.scripts$|hatch\.envs\..*scripts$)|$)/,
  ),
  'setup.cfg': ofSections(/^(?:tool:pytest|pytest|coverage:.*|unittest|aliases)$/),
};

/** Scripts that test by their names, with what runs before and behind them. */
const TESTING_SCRIPT =
  /^(?:pre|post)?(?:tests?|coverage|cover|check|ci|verify|e2e|specs?|unit|integration)(?:[:._-].*)?$/;

/** What `npm ci` runs in the set-up, with the tests in its reach. */
const INSTALLING_SCRIPT = /^(?:(?:pre|post)?install|(?:pre|post)?prepare)$/;

/** The scripts of main's package.json that run the tests, by name or because one of them or the suite's command names them. */
export function testingScripts(scripts: JsonObject, command: string): readonly string[] {
  const names = Object.keys(scripts);
  const found = new Set(names.filter((name) => TESTING_SCRIPT.test(name) || INSTALLING_SCRIPT.test(name)));
  for (const name of wordsOf(command)) if (names.includes(name)) found.add(name);
  // A set that grows while it is walked: scripts that are named by scripts.
  for (const name of found) {
    const text = scripts[name];
    if (typeof text !== 'string') continue;
    for (const word of wordsOf(text)) if (names.includes(word)) found.add(word);
  }
  return [...found];
}

/** What the scripts of a package.json run that judge, in one text; empty where nobody can read it. */
export function scriptTexts(text: string, command: string): string {
  const scripts = objectIn(parsed(text)?.['scripts']);
  return testingScripts(scripts, command)
    .map((name) => scripts[name])
    .filter((each) => typeof each === 'string')
    .join(' ');
}

function ofJson(scriptsKey: string, keys: readonly string[]): Manifest {
  const partsOf = (manifest: JsonObject, names: readonly string[]): JsonObject => {
    const scripts = objectIn(manifest[scriptsKey]);
    const own = Object.fromEntries(names.map((name) => [name, scripts[name]]));
    return { ...Object.fromEntries(keys.map((key) => [key, manifest[key]])), [scriptsKey]: own };
  };
  return {
    judging: (text, command) => {
      const manifest = parsed(text);
      if (!manifest) return null;
      const names = testingScripts(objectIn(manifest[scriptsKey]), command);
      return canonicalJson(partsOf(manifest, names));
    },
    withParts: (text, main, command) => {
      const [mine, theirs] = [parsed(text), parsed(main)];
      if (!mine || !theirs) return null;
      const [ownScripts, mainScripts] = [objectIn(mine[scriptsKey]), objectIn(theirs[scriptsKey])];
      const isJudging = new Set([...testingScripts(ownScripts, command), ...testingScripts(mainScripts, command)]);
      const kept = Object.entries(ownScripts).filter(([name]) => !isJudging.has(name));
      const taken = Object.entries(mainScripts).filter(([name]) => isJudging.has(name));
      const others = Object.entries(mine).filter(([key]) => key !== scriptsKey && !keys.includes(key));
      const settings = Object.entries(theirs).filter(([key]) => keys.includes(key));
      const scripts = Object.fromEntries([...kept, ...taken]);
      return `${JSON.stringify({ ...Object.fromEntries([...others, ...settings]), [scriptsKey]: scripts }, null, 2)}\n`;
    },
  };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s"';&|()]+/).filter((word) => word !== '');
}

function parsed(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    // Whatever else it is, nobody can tell its parts apart.
    return null;
  }
}

function objectIn(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
