import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_DEFAULTS, type PolicyDefaults } from '../../../../src/infrastructure/config/project/policy-defaults';
import { ConfigError } from '../../../../src/infrastructure/config/config-error';
import { readProjectFile } from '../../../../src/infrastructure/config/project/load-projects';
import { NodeHasher } from '../../../../src/infrastructure/system/node-hasher';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'project-file-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function read(text: string, defaults: PolicyDefaults = BUILT_IN_DEFAULTS) {
  const file = join(folder, 'stagegate.yml');
  writeFileSync(file, text);
  return readProjectFile(file, new NodeHasher(), defaults);
}

/** The message without the folder, which differs from run to run. */
function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(message).not.toContain('\n');
    return message.replace(`${folder}/`, '');
  }
  throw new Error('expected the file to be refused');
}

/** A project `web` with more lines below `repo` (line 3) and `staging` (line 4). */
function web(...lines: string[]): string {
  return [
    'projects:',
    '  web:',
    '    repo: web.git',
    '    staging: { suite: npm test }',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');
}

function policyOf(text: string, defaults?: PolicyDefaults) {
  return read(text, defaults)[0]!.project.policy;
}

describe('the coverage of a project', () => {
  const coverage = (more = '') => policyOf(web(`coverage: { command: c8, report: lcov.info${more} }`)).coverage;

  test('is held against main and asked of changed lines, with no floor, where nothing else is said', () => {
    const usual = { format: 'auto', floor: null, tolerance: 0.5, changedLines: 80, sources: [], exitCodes: [0] };
    expect(coverage()).toMatchObject({ ...usual, run: { suite: 'c8', witness: { kind: 'file', path: 'lcov.info' } } });
    expect(policyOf(web()).coverage).toBeUndefined();
  });

  test('has what is said', () => {
    const said = ", floor: 80.25, tolerance: off, changedLines: 0, sources: ['src/**', '!**/*.d.ts'], format: clover";
    const expected = {
      floor: 80.25,
      tolerance: null,
      changedLines: 0,
      sources: ['src/**', '!**/*.d.ts'],
      format: 'clover',
    };
    expect(coverage(said)).toMatchObject(expected);
  });

  test('asks for no changed lines where the format has none', () => {
    expect(coverage(', format: summary')).toMatchObject({ format: 'summary', tolerance: 0.5, changedLines: null });
  });
});

describe('a project', () => {
  test('needs a repository and a suite', () => {
    const { policy, repository } = read(web())[0]!.project;
    expect(repository).toEqual({ project: 'web', path: join(folder, 'web.git'), main: 'main' });
    expect(policy).toMatchObject({
      project: 'web',
      repo: join(folder, 'web.git'),
      entryStages: ['created'],
      staging: {
        suite: 'npm test',
        setup: null,
        timeoutMs: 900_000,
        graceMs: 10_000,
        witness: null,
        checkoutDepth: 'full',
      },
      onInfraExhausted: 'hold',
    });
    expect(policy.retest).toEqual(policy.staging);
  });

  test('says where the content of submodules is, by the URL as it is written', () => {
    const { policy, repository } = read(web('submodules: [{ url: ../lib.git, from: mirrors/lib.git }]'))[0]!.project;
    const allowed = [{ url: '../lib.git', from: join(folder, 'mirrors/lib.git') }];
    expect(policy.submodules).toEqual(allowed);
    expect(repository.submodules).toEqual({ allowed, includesOwn: false });
  });

  test('may say everything', () => {
    const [configured] = read(`
version: 1
projects:
  web:
    repo: /srv/web.git
    main: trunk
    entryStages: [created, deploy-staging]
    forge: local
    landing: rebase
    staging:
      setup: [npm, ci]
      suite: [npm, test]
      timeout: 10m
      grace: 500ms
      witness: { output: '\\d+ passed' }
      minTests: 5
      minIsolation: L2
      env: [CI]
      checkout: { depth: 50 }
    retest: { suite: npm run smoke, timeout: 20m, witness: { junit: [./out/r.xml, b/**/*.xml] } }
    agents: { developer: { command: [dev, '{prompt}'], timeout: 1h, grace: 5s }, tester: { command: t } }
    requiredGates: [check_coverage]
    budgets: { developer: 0, landing: 1 }
    backoff: { base: 1s }
    onInfraExhausted: rollback
    switches: { stagingRunner: false }
`);
    const staging = {
      setup: ['npm', 'ci'],
      suite: ['npm', 'test'],
      timeoutMs: 600_000,
      graceMs: 500,
      witness: { kind: 'output', pattern: '\\d+ passed' },
      minTests: 5,
      minIsolation: 'L2',
      isMinIsolationNamed: true,
      env: ['CI'],
      checkoutDepth: 50,
    };
    expect(configured!.project.policy).toEqual({
      project: 'web',
      repo: '/srv/web.git',
      main: 'trunk',
      entryStages: ['created', 'deploy-staging'],
      staging,
      retest: {
        ...staging,
        suite: 'npm run smoke',
        timeoutMs: 1_200_000,
        witness: { kind: 'tests', format: 'junit', paths: ['out/r.xml', 'b/**/*.xml'] },
      },
      agents: {
        developer: { command: ['dev', '{prompt}'], timeoutMs: 3_600_000, graceMs: 5000 },
        tester: { command: 't', timeoutMs: 3_600_000, graceMs: 10_000 },
      },
      requiredGates: ['check_coverage'],
      budgets: { developer: 0, agent: 2, infra: 3, crash: 10, landing: 1 },
      backoff: { baseMs: 1000, maxMs: 600_000 },
      onInfraExhausted: 'rollback',
    });
    expect(configured!.switches).toEqual({ stagingRunner: false });
  });

  test('the project file wins over the environment, the environment over the built-in defaults', () => {
    const defaults: PolicyDefaults = {
      timeoutMs: 1000,
      retestTimeoutMs: 2000,
      graceMs: 3000,
      infraRetries: 9,
      backoff: { baseMs: 10, maxMs: 20 },
      minIsolation: 'L2',
    };
    const fromEnvironment = policyOf(web(), defaults);
    expect(fromEnvironment.staging).toMatchObject({ timeoutMs: 1000, graceMs: 3000 });
    expect(fromEnvironment.retest).toMatchObject({ timeoutMs: 2000, graceMs: 3000 });
    expect(fromEnvironment).toMatchObject({ budgets: { infra: 9 }, backoff: { baseMs: 10, maxMs: 20 } });
    const fromFile = policyOf(
      web('retest: { timeout: 7s }', 'budgets: { infra: 1 }', 'backoff: { base: 15ms }'),
      defaults,
    );
    expect(fromFile).toMatchObject({
      retest: { timeoutMs: 7000 },
      budgets: { infra: 1 },
      backoff: { baseMs: 15, maxMs: 20 },
    });
  });

  test("a re-test takes over its suite's own limit before that of all projects", () => {
    const text = web().replace('npm test', 'npm test, timeout: 30m');
    expect(policyOf(text, { ...BUILT_IN_DEFAULTS, retestTimeoutMs: 5 }).retest.timeoutMs).toBe(1_800_000);
  });

  test('the digest depends on what is configured, not on how it is written', () => {
    const digest = (text: string) => read(text)[0]!.project.policyDigest;
    expect(digest(web())).toMatch(/^[0-9a-f]{64}$/);
    expect(digest(web('main: main', 'budgets: { developer: 3 }'))).toBe(digest(web()));
    expect(digest(web('main: trunk'))).not.toBe(digest(web()));
  });
});

describe('is refused with file, line, and what to do', () => {
  test.each<[string, string, string]>([
    ['a misspelt key', web('agent: {}'), 'stagegate.yml:5: projects.web.agent: unknown key; did you mean agents?'],
    [
      'a misspelt key deeper down',
      web('retest: { time: 3s }'),
      'stagegate.yml:5: projects.web.retest.time: unknown key; did you mean timeout?',
    ],
    [
      'a misspelt key before the one it replaces',
      'projects:\n  web:\n    repos: x\n    staging: { suite: x }',
      'stagegate.yml:3: projects.web.repos: unknown key; did you mean repo?',
    ],
    [
      'an unknown role',
      web('agents: { staging-runner: { command: x } }'),
      'stagegate.yml:5: projects.web.agents.staging-runner: unknown key; known here: analyst, architect, developer, reviewer, tester, deployer',
    ],
    ['a missing key', 'projects:\n  web:\n    repo: x', 'stagegate.yml:3: projects.web.staging: is missing; add it'],
    [
      'a missing suite',
      'projects:\n  web:\n    repo: x\n    staging: { setup: x }',
      'stagegate.yml:4: projects.web.staging.suite: is missing; add it',
    ],
    ['a number for text', web('main: 5'), 'stagegate.yml:5: projects.web.main: expected text, saw 5; correct it'],
    [
      'a number without unit',
      web('retest:', '  timeout: 900'),
      'stagegate.yml:6: projects.web.retest.timeout: expected a duration with its unit, such as 900s, 10m or 500ms, saw 900; correct it',
    ],
    [
      'another unit',
      web('retest: { timeout: 10 min }'),
      'stagegate.yml:5: projects.web.retest.timeout: expected a duration with its unit, such as 900s, 10m or 500ms, saw "10 min"; correct it',
    ],
    [
      'more than a day',
      web('retest: { timeout: 25h }'),
      'stagegate.yml:5: projects.web.retest.timeout: expected a duration of at most 24h, saw "25h"; correct it',
    ],
    [
      'no time at all',
      web('backoff: { base: 0s }'),
      'stagegate.yml:5: projects.web.backoff.base: expected a duration with its unit, such as 900s, 10m or 500ms, saw "0s"; correct it',
    ],
    [
      'an empty command',
      web('retest: { suite: [] }'),
      'stagegate.yml:5: projects.web.retest.suite: expected text for sh -c or a list of program and arguments, saw []; correct it',
    ],
    [
      'a number among arguments',
      web('retest: { suite: [npm, 1] }'),
      'stagegate.yml:5: projects.web.retest.suite: expected text for sh -c or a list of program and arguments, saw ["npm",1]; correct it',
    ],
    [
      'a forge of a later version',
      web('forge: github'),
      'stagegate.yml:5: projects.web.forge: expected local, saw "github"; forge github is not supported by this version yet, remove the line',
    ],
    [
      'a landing of a later version',
      web('landing: squash'),
      'stagegate.yml:5: projects.web.landing: expected rebase, saw "squash"; landing squash is not supported by this version yet, remove the line',
    ],
    [
      'a repository by URL',
      web().replace('web.git', 'https://u:p@h/web.git'),
      'stagegate.yml:3: projects.web.repo: expected a path, saw something like a URL (not shown, it may hold a password); clone it first, or begin a path that has a colon or an @ with ./',
    ],
    [
      'a submodule without its clone',
      web('submodules: [{ url: ../lib.git }]'),
      'stagegate.yml:5: projects.web.submodules.0.from: is missing; add it',
    ],
    [
      'a submodule from another machine',
      web('submodules: [{ url: ../lib.git, from: "git@h:lib.git" }]'),
      'stagegate.yml:5: projects.web.submodules.0.from: expected a path, saw something like a URL (not shown, it may hold a password); clone it first, or begin a path that has a colon or an @ with ./',
    ],
    [
      'a password in the URL of a submodule',
      web('submodules: [{ url: "https://u:p@h/lib.git", from: lib }]'),
      'stagegate.yml:5: projects.web.submodules.0.url: expected a URL without a password, saw one with it; leave it out',
    ],
    [
      'a repository by ssh',
      web().replace('web.git', 'git@h:web.git'),
      'stagegate.yml:3: projects.web.repo: expected a path, saw something like a URL (not shown, it may hold a password); clone it first, or begin a path that has a colon or an @ with ./',
    ],
    [
      'a hostile main',
      web('main: --upload-pack=x'),
      'stagegate.yml:5: projects.web.main: expected a plain name (letters, digits and ._/-), saw "--upload-pack=x"; correct it',
    ],
    [
      'an entry behind the tests',
      web('entryStages: [deploy]'),
      'stagegate.yml:5: projects.web.entryStages.0: expected one of created, analysis, architecture, development, review, testing, deploy-staging, saw "deploy"; correct it',
    ],
    [
      'a budget out of range',
      web('budgets: { infra: -1 }'),
      'stagegate.yml:5: projects.web.budgets.infra: expected a whole number from 0 to 100, saw -1; correct it',
    ],
    [
      'a word for a number',
      web('budgets: { infra: many }'),
      'stagegate.yml:5: projects.web.budgets.infra: expected a whole number from 0 to 100, saw "many"; correct it',
    ],
    [
      'a word for a switch',
      web('switches: { stagingRunner: "on" }'),
      'stagegate.yml:5: projects.web.switches.stagingRunner: expected true or false, saw "on"; correct it',
    ],
    [
      'a variable of the service',
      web('retest: { env: [STAGEGATE_STATE_DIR] }'),
      'stagegate.yml:5: projects.web.retest.env.0: expected the name of a variable, none of the service\'s own, saw "STAGEGATE_STATE_DIR"; correct it',
    ],
    [
      'two witnesses',
      web('retest: { witness: { file: a, output: b } }'),
      'stagegate.yml:5: projects.web.retest.witness: expected one of file, output, junit and tap, saw {"file":"a","output":"b"}; correct it',
    ],
    [
      'reports that would be all files',
      web('retest: { witness: { junit: "out/**" } }'),
      'stagegate.yml:5: projects.web.retest.witness.junit: expected a pattern that names its files, such as reports/*.xml, saw "out/**"; correct it',
    ],
    [
      'a witness outside the clone',
      web('retest: { witness: { file: ../a } }'),
      'stagegate.yml:5: projects.web.retest.witness.file: expected a path inside the clone and outside .git, saw "../a"; correct it',
    ],
    [
      'no kept folder',
      web('retest: { cache: { folders: [], key: [c] } }'),
      'stagegate.yml:5: projects.web.retest.cache.folders: expected a list of at least one path, all different, saw []; correct it',
    ],
    [
      'a kept folder twice',
      web('retest: { cache: { folders: [a, a], key: [c] } }'),
      'stagegate.yml:5: projects.web.retest.cache.folders: expected a list of at least one path, all different, saw ["a","a"]; correct it',
    ],
    [
      'kept folders inside each other',
      web('retest: { cache: { folders: [a/b, a], key: [c] } }'),
      'stagegate.yml:5: projects.web.retest.cache.folders: expected folders apart, saw "a/b and a"; name the outer one once',
    ],
    [
      'an image from nowhere',
      web('image: { command: make }'),
      'stagegate.yml:5: projects.web.image: expected one of layout, report, registry, saw none of them; keep the one where the image is',
    ],
    [
      'an image from two places',
      web('image: { command: make, layout: out, registry: "r.example/app:1" }'),
      'stagegate.yml:5: projects.web.image: expected one of layout, report, registry, saw layout and registry; keep the one where the image is',
    ],
    [
      'a layout that nothing makes',
      web('image: { layout: out }'),
      'stagegate.yml:5: projects.web.image: expected `command` beside `layout`, saw none; name what makes it',
    ],
    [
      'a layout outside the clone',
      web('image: { command: make, layout: ../out }'),
      'stagegate.yml:5: projects.web.image.layout: expected a path inside the clone and outside .git, saw "../out"; correct it',
    ],
    [
      'a time limit of nothing',
      web('image: { registry: "r.example/app:1", timeout: 5s }'),
      'stagegate.yml:5: projects.web.image.timeout: expected `command` beside it, saw none; take it out, or name what it is for',
    ],
    [
      'credentials for no registry',
      web('image: { command: make, layout: out, credentials: R }'),
      'stagegate.yml:5: projects.web.image.credentials: expected `registry` beside it, saw none; take it out, or name what it is for',
    ],
    [
      'an image without a host',
      web('image: { registry: "team/app:1" }'),
      'stagegate.yml:5: projects.web.image.registry: expected host/repository:tag, such as registry.example/team/app:{commit}, saw "team/app:1"; correct it',
    ],
    [
      'an image by its digest',
      web('image: { registry: "r.example/app@sha256:1" }'),
      'stagegate.yml:5: projects.web.image.registry: expected host/repository:tag, such as registry.example/team/app:{commit}, saw something like a URL (not shown, it may hold a password); correct it',
    ],
    [
      'the password itself for the variable that has it',
      web('image: { registry: "r.example/app:1", credentials: "ci:secret" }'),
      "stagegate.yml:5: projects.web.image.credentials: expected the name of a variable, none of the service's own, saw something else (not shown, it may be a password); correct it",
    ],
    [
      'an age without a unit',
      web('image: { registry: "r.example/app:1", maxAge: 7 }'),
      'stagegate.yml:5: projects.web.image.maxAge: expected an age such as 90m, 12h or 7d, saw 7; correct it',
    ],
    [
      'a broken pattern',
      web("retest: { witness: { output: '(' } }"),
      'stagegate.yml:5: projects.web.retest.witness.output: expected a regular expression, saw "("; correct it',
    ],
    [
      'a share above everything',
      web('coverage: { command: c, report: r, floor: 101 }'),
      'stagegate.yml:5: projects.web.coverage.floor: expected a number from 0 to 100 or off, saw 101; correct it',
    ],
    [
      'a share finer than anybody compares',
      web('coverage: { command: c, report: r, changedLines: 80.125 }'),
      'stagegate.yml:5: projects.web.coverage.changedLines: expected a number with at most two decimals, saw "80.125"; correct it',
    ],
    [
      'changed lines by a format that has no lines',
      web('coverage: { command: c, report: r, format: summary, changedLines: 80 }'),
      'stagegate.yml:5: projects.web.coverage.changedLines: expected off, as a coverage-summary.json has no lines, saw a number; name another format, or leave it out',
    ],
    [
      'coverage of which nothing is asked',
      web('coverage: { command: c, report: r, tolerance: off, changedLines: off }'),
      'stagegate.yml:5: projects.web.coverage.tolerance: expected a number, or `floor` or `changedLines` beside it, saw all of them off: nothing would fail; leave the block out',
    ],
    [
      'no pattern of files',
      web('coverage: { command: c, report: r, sources: [] }'),
      'stagegate.yml:5: projects.web.coverage.sources: expected a list of at least one pattern, all different, saw []; correct it',
    ],
    [
      'a pause longer than the longest',
      web('backoff: { base: 11m }'),
      'web: backoff: expected a base of at most 600000 ms, its max, saw "660000 ms"; correct it',
    ],
    [
      'a key of a project in capitals',
      web().replace('web:', 'Web:'),
      'stagegate.yml:2: projects.Web: expected a project key of lower-case letters, digits and dashes, at most 40; rename it',
    ],
    ['another version', `version: 2\n${web()}`, 'stagegate.yml:1: version: expected 1, saw 2; correct it'],
    [
      'no project',
      'projects: {}',
      'stagegate.yml:1: projects: expected at least one project, by key, saw {}; correct it',
    ],
    ['an empty file', '', 'stagegate.yml:1: expected keys and values, saw null; correct it'],
    [
      'a project without keys',
      'projects:\n  web:',
      'stagegate.yml:2: projects.web: expected keys and values, saw null; correct it',
    ],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toBe(message);
  });

  test.each([
    ['broken YAML', 'projects:\n  web: {', /^stagegate\.yml:2: not valid YAML: /],
    ['the same key twice', `${web()}\n    repo: b.git`, /^stagegate\.yml:5: not valid YAML: .*unique/],
    ['an alias', `x: &a { suite: x }\nprojects: *a`, /anchors and aliases are not supported/],
    ['an unknown tag', web('main: !!js/function x'), /^stagegate\.yml:5: not valid YAML: .*tag/],
    ['nesting without end', `projects: ${'['.repeat(100_000)}`, /^stagegate\.yml/],
    ['a file without end', ' '.repeat(300_000), /expected at most \d+ bytes/],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  test.each(['"echo a\\0b"', '"echo \\uD800"', '[sh, "\\uDC00"]'])(
    'a command that no program can be given: %s',
    (suite) => {
      const text = web().replace('suite: npm test', `suite: ${suite}`);
      expect(refusal(text)).toMatch(
        /^stagegate\.yml:4: projects\.web\.staging\.suite(\.1)?: expected text, saw NUL or half a character in it; remove the escape$/,
      );
    },
  );

  test('a file that is not there', () => {
    const missing = join(folder, 'missing.yml');
    expect(() => readProjectFile(missing, new NodeHasher(), BUILT_IN_DEFAULTS)).toThrow(
      /missing\.yml: .*ENOENT; write one/,
    );
  });
});
