import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');
const GIT = 'src/infrastructure/git/command/git-command.ts';
const ENVIRONMENT = 'src/infrastructure/git/command/git-environment.ts';
/** Runs what does one small thing: ssh-keygen, cp, sync, chattr. */
const SMALL = 'src/infrastructure/system/small-command.ts';
/** Runs ssh-keygen. */
const SIGNATURE = 'src/infrastructure/git/rebase/ssh-signature.ts';
/** Makes the repository of `demo`, with what a developer would type; no repository of a user ever gets there. */
const DEMO = 'src/cli/demo/sample-repository.ts';

/** `land --fetch`: the user's own fetch of their own clone, at their request, with their credentials. */
const USER_FETCH = 'src/infrastructure/git/fetching/user-fetch.ts';
/** `stagegate work`: the user's own git on the worker's machine, with their credentials. The service never gets there. */
const WORK_CLONE = 'src/infrastructure/git/work-clone.ts';

interface Literal {
  readonly file: string;
  readonly text: string;
}

const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(ROOT, 'src', name));

const sourceOf = (file: string, text = readFileSync(file, 'utf8')) =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);

/** Every string of the program text, template texts included; comments are none. */
function literalsOf(source: ts.SourceFile): readonly Literal[] {
  const found: Literal[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      found.push({ file: relative(ROOT, source.fileName), text: node.text });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const literals = files.flatMap((file) => literalsOf(sourceOf(file)));
const filesWith = (pattern: RegExp) => [
  ...new Set(literals.filter(({ text }) => pattern.test(text)).map(({ file }) => file)),
];

const IMPORTS_A_PROCESS = /^(?:node:)?child_process$|^execa$/;
const FORCE = /--force|^-f$|^--mirror$/;
const PUSH = /^(?:push|send-pack|receive-pack)$|^git push/;
const PROGRAM = /^(?:\/\S*\/)?git(?:$| )/;
/** A forced refspec: what it is written to has to be the service's own. */
const FORCED_REFSPEC = /^\+/;

test('processes are started by the runner, the one git command, the small ones, `--fetch`, `work`, and the demo for its own sample', () => {
  const places = filesWith(IMPORTS_A_PROCESS).filter((file) => !file.startsWith('src/infrastructure/processes/'));
  expect(places.sort()).toEqual([DEMO, GIT, SMALL, USER_FETCH, WORK_CLONE].sort());
});

test('git is started where its environment is made from nothing; but for what its user asks for on their own machine', () => {
  const places = files.filter((file) => startsGit(sourceOf(file))).map((file) => relative(ROOT, file));
  expect(places.sort()).toEqual([DEMO, GIT, USER_FETCH, WORK_CLONE].sort());
  const ofWorkers = files.filter((file) => /\bfrom '.*\/work-clone'/.test(readFileSync(file, 'utf8')));
  expect(ofWorkers.map((file) => relative(ROOT, file)).filter((file) => !file.startsWith('src/cli/work/'))).toEqual([]);
  // Nobody but `land` can ask for it.
  const callers = files.filter((file) => /\bfetchAsUser\(/.test(readFileSync(file, 'utf8')));
  expect(callers.map((file) => relative(ROOT, file)).sort()).toEqual(['src/cli/land/land-upstream.ts', USER_FETCH]);
});

test('nothing is pushed but what a worker has committed, and nothing is forced', () => {
  // Of ssh-keygen it names the key.
  expect(filesWith(FORCE)).toEqual([SIGNATURE]);
  // The domain starts nothing; there it is a word for what people do.
  expect(filesWith(PUSH).filter((file) => !file.startsWith('src/domain/'))).toEqual([DEMO, WORK_CLONE]);
});

test('only refs of the service itself are overwritten by a fetch', () => {
  const forced = files
    .map((file) => readFileSync(file, 'utf8'))
    .flatMap((text) => text.match(/`\+\$\{[^`]*`/g) ?? [])
    .concat(literals.filter(({ text }) => FORCED_REFSPEC.test(text) && text.includes(':')).map(({ text }) => text));
  const specs = ['`+${branchRef(branch)}:${head}`', '`+${branchRef(repository.main)}:${base}`'];
  const ofMain = '`+${branchRef(main)}:${base}`';
  expect(forced).toEqual([...specs, ofMain, ofMain]);
});

test('refs of the target are written by a landing, its recovery, what moves epoch and artifacts on, and --fetch', () => {
  const inGit = (names: readonly string[]) => names.map((name) => `src/infrastructure/git/${name}.ts`);
  expect(filesWith(/^update-ref$/).sort()).toEqual(
    inGit([
      'fetching/quick-fetch',
      'landing/advance-ref',
      'landing/landing-recovery',
      'landing/landing',
      'own-clone/clone-upkeep',
      'own-clone/own-clone',
      // Of an agent's clone.
      'run-clone/clones',
    ]),
  );
  const callers = files.filter((file) => /\badvanceRef\(git/.test(readFileSync(file, 'utf8')));
  expect(callers.map((file) => relative(ROOT, file)).sort()).toEqual(
    inGit(['landing/epoch', 'landing/fast-forward', 'landing/publish-artifacts']),
  );
});

test('every command gets the hardened environment, of which no entry may be lost', () => {
  const text = readFileSync(join(ROOT, ENVIRONMENT), 'utf8');
  const entries = [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'core.alternateRefsCommand=true',
    'commit.gpgsign=false',
    'submodule.recurse=false',
    'protocol.ext.allow=never',
    'core.fsync=all',
    'GIT_CONFIG_NOSYSTEM',
    'GIT_CONFIG_GLOBAL',
    'GIT_ATTR_NOSYSTEM',
    'GIT_TERMINAL_PROMPT',
    'GIT_NO_REPLACE_OBJECTS',
    'GIT_NO_LAZY_FETCH',
    "GIT_ALLOW_PROTOCOL: 'file'",
  ];
  expect(entries.filter((entry) => !text.includes(entry))).toEqual([]);
  const git = readFileSync(join(ROOT, GIT), 'utf8');
  expect(git).toMatch(/env: \{ \.\.\.this\.environmentOf\(/);
  expect(git).toMatch(/environmentOf: typeof gitEnvironment = gitEnvironment,/);
});

test('the configuration of a user is known to what writes the files of a user, and hooks are off there too', () => {
  const users = files.filter((file) => /, workTreeEnvironment\)/.test(readFileSync(file, 'utf8')));
  expect(users.map((file) => relative(ROOT, file))).toEqual(['src/infrastructure/git/local-git-workspace.ts']);
  const commands = files
    .map((file) => readFileSync(file, 'utf8'))
    .flatMap((text) => [...text.matchAll(/ofUser\.(?:run|text)\(\[?('[\w-]+'|\w+)/g)])
    .map(([, command]) => command);
  // Of the last one the arguments have a name of their own.
  expect(commands.sort()).toEqual([
    ...[
      "'checkout-index'",
      "'diff-files'",
      "'read-tree'",
      "'update-index'",
      "'update-index'",
      "'update-index'",
      'args',
    ],
  ]);
  expect(readFileSync(join(ROOT, GIT), 'utf8')).toContain("spawn('git', [...SAFE, ...args]");
});

test('the scan does see what it looks for', () => {
  const text = "execa('git', ['push', '--force', `--force-with-lease=${x}`]); import('node:child_process');";
  const seen = literalsOf(sourceOf(join(ROOT, 'src/x.ts'), text)).map((literal) => literal.text);
  for (const pattern of [PROGRAM, PUSH, FORCE, IMPORTS_A_PROCESS])
    expect(seen.some((one) => pattern.test(one))).toBe(true);
  expect(seen.filter((one) => FORCE.test(one))).toHaveLength(2);
});

/** True when a call has git as its first argument. */
function startsGit(node: ts.Node): boolean {
  if (ts.isCallExpression(node) && node.arguments[0]) {
    const [program] = node.arguments;
    if (ts.isStringLiteralLike(program) && PROGRAM.test(program.text)) return true;
  }
  return ts.forEachChild(node, (child) => startsGit(child) || undefined) ?? false;
}
