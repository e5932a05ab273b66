import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Command } from 'commander';
import { parseProjectFile } from '../../src/infrastructure/config/project/project-file';
import { HANDED_TO_RUNS } from '../../src/domain/handed-to-runs';
import { SERVICE_KEYS } from '../../src/infrastructure/config/service-keys';
import { makeProgram } from '../../src/cli/program';
import { codeIn, filesBelow, pages, ROOT, textOf } from './pages';

interface Found {
  readonly page: string;
  readonly text: string;
}

const PAGES = pages();
const complain = ({ page, text }: Found) => `${page}: ${text}`;

/** Everything that a page links to, has in backquotes, or shows in a block of code. */
const links = PAGES.flatMap((page) => found(page, /\[[^\]]*\]\(([^)\s]+)\)/g, prose(page)));
const inline = PAGES.flatMap((page) => codeIn(prose(page)).map((text) => ({ page, text: text.replace(/\s+/g, ' ') })));
const blocks = PAGES.flatMap((page) =>
  [...textOf(page).matchAll(/```(\w*)\n([^]*?)```/g)].map(([, language = '', text = '']) => ({ page, language, text })),
);

it('every relative link leads somewhere, and every anchor to a heading', () => {
  const broken = links
    .filter(({ text }) => !/^[a-z]+:/.test(text))
    .filter(({ page, text }) => {
      const [path = '', anchor] = text.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
  expect(broken.map(complain)).toEqual([]);
});

it('every path of the repository that is named exists', () => {
  const paths = inline.filter(({ text }) => /^(?:src|test|docs|bench|\.ci)\/[\w./-]*$/.test(text));
  expect(paths.length).toBeGreaterThan(50);
  const missing = paths.filter(({ text }) => !existsSync(join(ROOT, text)) && !MADE_BY_A_RUN.includes(text));
  expect(missing.map(complain)).toEqual([]);
});

it('every variable that is named is one', () => {
  const known = [...Object.values(SERVICE_KEYS).map(({ name }): string => name), ...HANDED_TO_RUNS];
  const named = PAGES.flatMap((page) => found(page, /\b(STAGEGATE_[A-Z_]*[A-Z])\b(?![…*])/g, textOf(page)));
  const isTest = (name: string) => name.startsWith('STAGEGATE_SELFTEST_');
  const unknown = named.filter(({ text }) => !isTest(text) && !known.includes(text) && !DELIBERATE.includes(text));
  expect(unknown.map(complain)).toEqual([]);
});

it('every call of stagegate that is shown has verbs and flags that exist', () => {
  const calls = [
    ...blocks
      .filter(({ language }) => language === 'sh' || language === 'text')
      .flatMap(({ page, text }) => callsIn(page, text)),
    ...inline.flatMap(({ page, text }) => callsIn(page, text)),
  ];
  expect(calls.length).toBeGreaterThan(40);
  expect(calls.flatMap(({ page, text }) => mistakesIn(text).map((mistake) => `${page}: ${text}: ${mistake}`))).toEqual(
    [],
  );
});

it('every script and test that a page tells to run exists', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const all = [...blocks, ...inline];
  const run = all.flatMap(({ page, text }) => found(page, /npm run (?:--silent )?([\w:]+)/g, text));
  expect(run.filter(({ text }) => !Object.hasOwn(scripts, text)).map(complain)).toEqual([]);
  const jest = all.flatMap(({ page, text }) => found(page, /npx jest (test\/[\w./-]+)/g, text));
  expect(jest.filter(({ text }) => !existsSync(join(ROOT, text))).map(complain)).toEqual([]);
});

it('every test that a page tells to pick by name has that name', () => {
  const picked = [...blocks, ...inline].flatMap(({ page, text }) =>
    [...text.matchAll(/npx jest (test\/[\w./-]+) -t (?:'([^']+)'|(\S+))/g)].map(([, path = '', quoted, plain]) => ({
      page,
      path,
      text: quoted ?? plain ?? '',
    })),
  );
  expect(picked.length).toBeGreaterThan(3);
  const hasName = ({ path, text }: { path: string; text: string }) =>
    (path.endsWith('.ts') ? [path] : filesBelow(path)).some((file) => textOf(file).includes(text));
  expect(picked.filter((pick) => !hasName(pick)).map(complain)).toEqual([]);
});

it('every project file that is shown is valid', () => {
  const files = blocks.filter(({ language, text }) => language === 'yaml' && text.includes('projects:'));
  expect(files.length).toBeGreaterThan(2);
  for (const { page, text } of files) expect(() => parseProjectFile(page, text)).not.toThrow();
});

/** What the benchmarks call the parts they measure: `stagegate store` is no call. */
const ENGINES = ['store', 'service', 'write'];
const MADE_BY_A_RUN = ['bench/results'];
/** Misspelt on purpose, to show what is said about it. */
const DELIBERATE = ['STAGEGATE_SLOTS_AGNET'];

/** A page without its blocks of code. */
function prose(page: string): string {
  return textOf(page).replace(/```[^]*?```/g, '');
}

function found(page: string, pattern: RegExp, text: string): readonly Found[] {
  return [...text.matchAll(pattern)].map(([, part = '']) => ({ page, text: part }));
}

/** As GitHub makes them: lower case, no punctuation, dashes for spaces. */
function anchorsOf(page: string): readonly string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** Command lines: what begins with `stagegate`, after a prompt, variables, `npx` or a container at most. Output is none. */
function callsIn(page: string, text: string): readonly Found[] {
  const before = String.raw`^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npm ci && )?(?:npx |docker compose .*?exec \S+ )?`;
  const start = new RegExp(`${before}stagegate ([a-z].*|--\\w.*)$`, 'gm');
  return found(page, start, text.replaceAll('\\\n', ' '));
}

const program = makeProgram(() => undefined);

function mistakesIn(call: string): readonly string[] {
  const [name = '', ...rest] = call.replace(/'[^']*'|"[^"]*"/g, 'text').split(/\s+/);
  if (name.startsWith('--')) return flagsOf(program).includes(name) ? [] : [`no flag ${name}`];
  if (name === 'help' || ENGINES.includes(name)) return [];
  const known = program.commands.find((candidate) => candidate.name() === name);
  if (!known) return [`no verb ${name}`];
  const verb = known.commands.find((candidate) => candidate.name() === rest[0]) ?? leftOut(known) ?? known;
  if (verb.commands.length > 0 && rest.length > 0) return [`no verb ${name} ${rest[0] ?? ''}`];
  const own = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : undefined);
  return own.filter((word) => /^--\w/.test(word) && !flagsOf(verb).includes(word)).map((flag) => `no flag ${flag}`);
}

/** The verb that need not be named: `work` alone is `work run`. */
function leftOut(command: Command): Command | undefined {
  const { _defaultCommandName: name } = command as unknown as { _defaultCommandName?: string | null };
  return command.commands.find((candidate) => candidate.name() === name);
}

function flagsOf(command: Command): readonly string[] {
  return [...command.options.map(({ long }) => long ?? ''), '--help', ...(command === program ? ['--version'] : [])];
}
