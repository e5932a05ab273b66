import { behindLinks, byRules, filesOfCommand, judgeKind } from '../../../../src/domain/gates/judge/judged-paths';

const SCOPE = { paths: [], ignore: [], named: new Set<string>() };

describe('by the rules of each ecosystem', () => {
  test.each([
    ['test', 'src/price.test.ts src/a-test.mjs test/price.spec.js test.js test-all.cjs cypress/e2e/login.cy.ts'],
    ['test', 'tests/test_price.py app/price_test.py shop/tests.py pkg/price_test.go src/test/java/shop/PriceTest.java'],
    ['test', 'src/PriceTests.kt shop/PriceIT.java spec/price_spec.rb test/price_test.rb tests/PriceTest.php a.phpt'],
    ['test', 'Shop.Tests/PriceTests.cs src/price_test.cc src/price_unittest.cpp tests/price.rs t/price.t price.bats'],
    ['test', 'features/cart.feature test/price_test.exs lib/price_test.dart Tests/PriceTests.swift'],
    ['snapshot', 'src/__snapshots__/a.js.snap src/snapshots/a.snap tests/x.spec.ts-snapshots/a.png a.approved.txt'],
    ['snapshot', 'tests/__snapshots__/test_a.ambr A.verified.txt testdata/out.golden'],
    ['coverage', '.nycrc .c8rc.json .coveragerc codecov.yml packages/a/.nycrc.json tarpaulin.toml'],
    ['suite', 'jest.config.ts vitest.config.mts vitest.workspace.ts playwright.config.ts .mocharc.yml karma.conf.js'],
    ['suite', 'pytest.ini conftest.py pkg/conftest.py tox.ini noxfile.py .rspec phpunit.xml.dist shop.runsettings'],
    [
      'suite',
      'Makefile gradlew gradle/wrapper/gradle-wrapper.properties .config/nextest.toml run-tests.sh stagegate.yml',
    ],
    ['suite', '.npmrc web/.npmrc .yarnrc.yml .pnpmfile.cjs bunfig.toml pytest.toml .pytest.toml sitecustomize.py'],
    ['suite', 'web/jest-setup.js setup-tests.ts src/setupJest.ts vitest.setup.mts testSetup.ts'],
    ['suite', 'test/package.json test/tsconfig.e2e.json tests/.eslintrc.json test/jest-e2e.config.json'],
    [
      'ci',
      '.github/workflows/ci.yml .gitlab-ci.yml Jenkinsfile azure-pipelines.yml .circleci/config.yml .gitea/workflows/a.yaml',
    ],
    ['ci', '.github/CODEOWNERS CODEOWNERS .travis.yml bitbucket-pipelines.yml'],
    [
      'support',
      'test/helpers/render.ts tests/conftest_helpers.py src/__mocks__/fs.js spec/spec_helper.rb e2e/pages/login.ts',
    ],
    ['fixture', 'test/data/order.json src/__fixtures__/a.txt testdata/in.csv tests/cassettes/login.yml'],
    [
      null,
      'src/price.ts src/setup.ts src/contestsetup.md src/latest.js README.md package.json docs/testing.md src/contest.py src/specials/a.ts lib/test-less',
    ],
    [null, 'vendor/lib/a_test.go node_modules/x/test/a.js src/attest.rs protest.go Cargo.toml pom.xml'],
  ])('%s: %s', (kind, paths) => {
    expect(paths.split(' ').map((path) => [path, byRules(path)])).toEqual(paths.split(' ').map((path) => [path, kind]));
  });
});

test('a project may name more, and take out', () => {
  const scope = { ...SCOPE, paths: ['checks/**'], ignore: ['spec/openapi.yaml'] };
  expect(judgeKind('checks/all.mjs', scope)).toBe('named');
  expect(judgeKind('spec/openapi.yaml', scope)).toBeNull();
  expect(judgeKind('spec/openapi.yaml', SCOPE)).toBe('fixture');
});

test('what the command of the suite names judges', () => {
  const files = new Set(['ci/run.sh', 'src/a.js', 'tools/check.mjs']);
  const named = filesOfCommand('sh ./ci/run.sh && node tools/check.mjs --all "src/b.js"', files);
  expect([...named].sort()).toEqual(['ci/run.sh', 'tools/check.mjs']);
  for (const command of [
    '$PWD/ci/run.sh',
    '././ci//run.sh',
    'cd ./ci && ./run.sh',
    'cd ci/; sh run.sh',
    '"${PWD}/ci/run.sh"',
  ])
    expect([command, ...filesOfCommand(command, files)]).toEqual([command, 'ci/run.sh']);
  expect([...filesOfCommand('node tools/check', files)]).toEqual(['tools/check.mjs']);
  for (const command of ['eslint src/a', 'node /src/a.js', 'cd src', '/ci/run.sh'])
    expect([command, ...filesOfCommand(command, files)]).toEqual([command]);
  expect(judgeKind('ci/run.sh', { ...SCOPE, named })).toBe('named');
  expect(judgeKind('.ci/run', { ...SCOPE, named: new Set(['.ci/run']) })).toBe('named');
  expect(judgeKind('test/a.test.js', { ...SCOPE, named: new Set(['test/a.test.js']) })).toBe('test');
});

test('a test that is a link judges by what lies behind it, through links and folders, and not outside', () => {
  const links = new Map([
    ['test/a.test.js', '../shared/a.js'],
    ['test/more', '../checks'],
    ['shared/a.js', 'real/a.js'],
    ['test/out.test.js', '../../../etc/passwd'],
    ['test/root.test.js', '/etc/passwd'],
    ['test/self.test.js', 'self.test.js'],
    ['src/b.js', 'c.js'],
  ]);
  const named = behindLinks(links, SCOPE);
  expect([...named].sort()).toEqual(['checks', 'shared/a.js', 'shared/real/a.js', 'test/self.test.js']);
  expect(judgeKind('checks/deep/a.js', { ...SCOPE, named })).toBe('named');
  expect(judgeKind('src/c.js', { ...SCOPE, named })).toBeNull();
});
