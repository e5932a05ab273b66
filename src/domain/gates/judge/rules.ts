/**
 * What a file is to the judgement of a change. `ci` is noted and never run: it works elsewhere. `named`: by the project, or by the command
 * of the suite.
 */
export const JUDGE_KINDS = ['test', 'support', 'fixture', 'snapshot', 'suite', 'coverage', 'ci', 'named'] as const;
export type JudgeKind = (typeof JUDGE_KINDS)[number];

/** Raised when the rules decide anything differently: evidence cites it, and what is known by older ones is found out again. */
export const JUDGE_RULES_VERSION = 2;

export interface JudgeRule {
  readonly kind: JudgeKind;
  /** Whose convention it is, for people. */
  readonly of: string;
  /** Against the whole path. */
  readonly path: RegExp;
}

/** Other people's code, whose tests judge nobody here. */
export const NOT_OURS = /(?:^|\/)(?:node_modules|vendor|third_party|bower_components)\//;

/** Folders that hold tests and what they need. */
const TEST_FOLDER =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|cypress|unittests?|integration[-_]tests?|androidTest|test[-_]?suite|[^/]+\.(?:Unit|Integration)?Tests?|features\/(?:step_definitions|support))\//i;

const CODE =
  'c|cc|clj|cljs|coffee|cpp|cs|cts|cxx|dart|erl|ex|exs|fs|go|groovy|h|hpp|hs|java|js|jsx|kt|kts|lua|m|mjs|cjs|mm|mts|php|pl|pm|ps1|py|pyi|r|rb|rs|sbt|scala|sh|bash|svelte|swift|ts|tsx|vb|vue|zig';
const IS_CODE = new RegExp(String.raw`\.(?:${CODE})$`, 'i');
const TEST_CODE = new RegExp(String.raw`${TEST_FOLDER.source}.*\.(?:${CODE})$`, 'i');

/** The first that fits decides. Data, so that each can be shown, and tried. */
export const JUDGE_RULES: readonly JudgeRule[] = [
  { kind: 'ci', of: 'GitHub, Gitea, Forgejo', path: /^\.(?:github|gitea|forgejo)\/(?:workflows|actions)\// },
  { kind: 'ci', of: 'GitLab', path: /^\.gitlab-ci\.ya?ml$|^\.gitlab\/ci\// },
  { kind: 'ci', of: 'Jenkins', path: /(?:^|\/)Jenkinsfile[^/]*$/ },
  {
    kind: 'ci',
    of: 'other services',
    path: /^(?:azure-pipelines[^/]*\.ya?ml|bitbucket-pipelines\.ya?ml|\.?appveyor\.ya?ml|cloudbuild\.ya?ml|\.(?:travis|drone|cirrus|woodpecker)\.ya?ml)$|^\.(?:circleci|buildkite|woodpecker|semaphore|teamcity|azuredevops|ci)\//,
  },
  { kind: 'ci', of: 'owners', path: /^(?:\.github\/|\.gitlab\/|docs\/)?CODEOWNERS$/ },

  { kind: 'snapshot', of: 'Jest, Vitest, insta, syrupy', path: /(?:^|\/)__(?:image_)?snapshots__\/|\.(?:snap|ambr)$/ },
  { kind: 'snapshot', of: 'Playwright', path: /\.(?:spec|test)\.[cm]?[jt]sx?-snapshots\// },
  { kind: 'snapshot', of: 'ApprovalTests, Verify', path: /\.(?:approved|verified)\.[^/]+$/ },
  { kind: 'snapshot', of: 'golden files', path: /\.golden$/ },

  { kind: 'coverage', of: 'Istanbul, c8, Coverage.py', path: /(?:^|\/)\.(?:nycrc|c8rc|coveragerc)[^/]*$/ },
  {
    kind: 'coverage',
    of: 'others',
    path: /(?:^|\/)(?:\.?codecov\.ya?ml|\.simplecov|tarpaulin\.toml|\.lcovrc|gcovr\.cfg)$/,
  },

  {
    kind: 'suite',
    of: 'JavaScript runners',
    path: /(?:^|\/)(?:jest|vitest|vite|mocha|ava|karma|playwright|cypress|wdio|cucumber|nightwatch|testcafe|web-test-runner|wtr|tap)[^/]*\.(?:config|conf|workspace|setup|preset|env)(?:\.[^/]*)?\.(?:[cm]?[jt]s|json)$/,
  },
  { kind: 'suite', of: 'JavaScript runners', path: /(?:^|\/)(?:\.mocharc[^/]*|\.taprc|setupTests\.[cm]?[jt]sx?)$/ },
  {
    kind: 'suite',
    of: 'Python runners',
    path: /(?:^|\/)(?:conftest\.py|pytest\.ini|\.pytest\.ini|tox\.ini|noxfile\.py)$/,
  },
  {
    // Each of them says what `npm test`, `bun test` or `pytest` runs before a test, or in its place (`script-shell=true`).
    kind: 'suite',
    of: 'settings that runners read by themselves',
    path: /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.cjs|bunfig\.toml|\.?pytest\.toml|(?:site|user)customize\.py)$/,
  },
  {
    kind: 'suite',
    of: 'set-up of tests',
    path: /(?:^|\/)(?:(?:jest|vitest|mocha|tests?)[-_.]?setup|setup[-_.]?(?:jest|vitest|mocha|tests?))[^/]*\.[cm]?[jt]sx?$/i,
  },
  { kind: 'suite', of: 'RSpec', path: /(?:^|\/)\.rspec[^/]*$/ },
  { kind: 'suite', of: 'PHPUnit, Codeception', path: /(?:^|\/)(?:phpunit[^/]*\.xml(?:\.dist)?|codeception\.ya?ml)$/ },
  {
    kind: 'suite',
    of: 'wrappers of Gradle and Maven',
    path: /(?:^|\/)(?:gradlew(?:\.bat)?|gradle\/wrapper\/[^/]+|mvnw(?:\.cmd)?|\.mvn\/.+|testng[^/]*\.xml)$/,
  },
  { kind: 'suite', of: '.NET', path: /\.runsettings$|(?:^|\/)xunit\.runner\.json$/ },
  { kind: 'suite', of: 'nextest', path: /(?:^|\/)\.config\/nextest\.toml$/ },
  { kind: 'suite', of: 'CTest', path: /(?:^|\/)CTest(?:Config|Custom|TestFile)\.cmake$/i },
  {
    kind: 'suite',
    of: 'task runners',
    path: /(?:^|\/)(?:GNUmakefile|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|Rakefile)$/,
  },
  {
    kind: 'suite',
    of: 'scripts',
    path: /(?:^|\/)(?:run[-_])?(?:all[-_])?(?:tests?|checks?)\.(?:sh|bash|ps1|cmd|bat)$/,
  },
  { kind: 'suite', of: 'stagegate', path: /^stagegate\.ya?ml$/ },
  { kind: 'suite', of: 'variables of tests', path: /(?:^|\/)\.env\.tests?$/ },
  {
    kind: 'suite',
    of: 'settings in folders of tests',
    path: new RegExp(
      String.raw`${TEST_FOLDER.source}(?:.*\/)?(?:[^/]*\.config\.[^/]+|package\.json|tsconfig[^/]*\.json|\.[^/]*rc(?:\.[^/]+)?)$`,
      'i',
    ),
  },

  { kind: 'test', of: 'JavaScript, TypeScript', path: /(?:^|\/)[^/]+[.\-_](?:test|spec|e2e|cy)\.[cm]?[jt]sx?$/i },
  { kind: 'test', of: 'node:test', path: /(?:^|\/)test(?:-[^/]+)?\.[cm]?[jt]s$/ },
  { kind: 'test', of: 'Python', path: /(?:^|\/)(?:test_[^/]+|[^/]+_test|tests)\.py$/ },
  { kind: 'test', of: 'Go', path: /_test\.go$/ },
  {
    kind: 'test',
    of: 'the JVM',
    path: /(?:^|\/)(?:Test[A-Z][^/]*|[^/]+(?:Tests?|TestCase|IT|Spec|Suite))\.(?:java|kt|kts|scala|groovy)$/,
  },
  { kind: 'test', of: 'Ruby', path: /(?:^|\/)(?:[^/]+_(?:spec|test)|test_[^/]+)\.rb$/ },
  { kind: 'test', of: 'PHP', path: /(?:^|\/)[^/]+(?:Test|Cest)\.php$|\.phpt$/ },
  { kind: 'test', of: '.NET', path: /(?:^|\/)[^/]+(?:Tests?|Specs?)\.(?:cs|fs|vb)$/ },
  {
    kind: 'test',
    of: 'C, C++',
    path: /(?:^|\/)(?:test_[^/]+|[^/]+(?:_test|_unittest|_tests|Tests?))\.(?:c|cc|cpp|cxx|m|mm)$/,
  },
  { kind: 'test', of: 'Rust', path: /(?:^|\/)(?:tests\/[^/]+|tests?)\.rs$/ },
  {
    kind: 'test',
    of: 'others',
    path: /_test\.(?:exs|dart|sh|clj|lua)$|_spec\.lua$|Tests?\.swift$|Spec\.hs$|_SUITE\.erl$|\.(?:bats|feature)$|(?:^|\/)t\/[^/]+\.t$/,
  },

  { kind: 'support', of: 'mocks', path: /(?:^|\/)__mocks__\// },
  {
    kind: 'fixture',
    of: 'fixtures',
    path: /(?:^|\/)(?:__fixtures__|fixtures|testdata|test[-_]data|test[-_]fixtures|cassettes)\//i,
  },
  { kind: 'support', of: 'code beside tests', path: TEST_CODE },
  { kind: 'fixture', of: 'what lies beside tests', path: TEST_FOLDER },
];

export function isCode(path: string): boolean {
  return IS_CODE.test(path);
}
