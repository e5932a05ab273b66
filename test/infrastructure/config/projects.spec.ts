import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProject } from '../../../src/infrastructure/config/project/build-project';
import { ConfigError } from '../../../src/infrastructure/config/config-error';
import { ConfiguredProjects } from '../../../src/infrastructure/config/project/configured-projects';
import { loadProjects } from '../../../src/infrastructure/config/project/load-projects';
import { demandedIsolation } from '../../../src/domain/policy/project-policy';
import { forEverySwitch } from '../../../src/domain/policy/switches';
import { checkReaperBound } from '../../../src/infrastructure/config/project/reaper-bound';
import { loadServiceConfig } from '../../../src/infrastructure/config/service-config';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';

const hasher = new NodeHasher();
const site = buildProject(hasher, { project: 'site', repo: '/srv/site.git', staging: { suite: 'true' } });
const web = buildProject(hasher, {
  project: 'web',
  repo: '/srv/web.git',
  staging: { suite: ['npm', 'test'], setup: 'npm ci', timeoutMs: 100_000 },
});

describe('buildProject', () => {
  test.each([
    ['project key', { project: 'Web', repo: '/r', staging: { suite: 'x' } }],
    ['repo', { project: 'web', repo: 'r', staging: { suite: 'x' } }],
    ['main', { project: 'web', repo: '/r', main: '-x', staging: { suite: 'x' } }],
  ])('refuses a wrong %s', (_, settings) => {
    expect(() => buildProject(hasher, settings)).toThrow(ConfigError);
  });

  test('a field without a value hides no default, null takes the set-up away', () => {
    const { policy } = buildProject(hasher, {
      project: 'web',
      repo: '/r',
      main: undefined,
      staging: { suite: 'x', setup: 'y', graceMs: undefined },
      retest: { setup: null },
    });
    expect(policy).toMatchObject({ main: 'main', staging: { graceMs: 10_000, setup: 'y' }, retest: { setup: null } });
  });
});

describe('the bound of running jobs', () => {
  // 2 git steps of 120 s, and twice, as a red is confirmed: a clone of 120 s, set-up and suite of 100 s + 10 s grace + 3 s.
  const neededS = 2 * 120 + 2 * (120 + 2 * 113);

  test('lets a job through that just fits', () => {
    expect(() => {
      checkReaperBound(neededS, [web]);
    }).not.toThrow();
  });

  test('names both numbers, the job and the project when one does not fit', () => {
    const check = () => {
      checkReaperBound(neededS - 1, [web]);
    };
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(/REAPER_MAX_RUNNING_S.* 932.*merge-gate of project web.* 931/);
  });
});

describe('the isolation that a suite demands', () => {
  const demand = (staging: object, retest?: object) => {
    const { policy } = buildProject(hasher, {
      project: 'web',
      repo: '/r',
      staging: { suite: 'x', ...staging },
      ...(retest && { retest }),
    });
    return [policy.staging, policy.retest].flatMap((suite) =>
      [true, false].map((treeKill) => demandedIsolation(suite, treeKill)),
    );
  };

  test.each([
    ['nothing', {}, undefined, ['L1', 'none', 'L1', 'none']],
    ['L2', { minIsolation: 'L2' }, undefined, ['L2', 'L2', 'L2', 'L2']],
    ['L1, which is built in', { minIsolation: 'L1' }, undefined, ['L1', 'L1', 'L1', 'L1']],
    ['none', { minIsolation: 'none' }, undefined, ['none', 'none', 'none', 'none']],
    ['L2, and none of its re-test', { minIsolation: 'L2' }, { minIsolation: 'none' }, ['L2', 'L2', 'none', 'none']],
  ])('of a project that names %s stands, whatever is switched off', (_what, staging, retest, demanded) => {
    expect(demand(staging, retest)).toEqual(demanded);
  });
});

describe('switches', () => {
  test('are all on where nobody says otherwise', () => {
    const projects = new ConfiguredProjects([{ project: site }]);
    expect(projects.switches('site')).toEqual(forEverySwitch(() => true));
    expect(projects.all()).toEqual([site]);
    expect(projects.get('site')).toBe(site);
    expect(projects.get('other')).toBeNull();
  });

  test('follow the environment by project, and the project file before it', () => {
    const { switches } = loadServiceConfig({
      STAGEGATE_STAGING_RUNNER_PROJECTS: 'web',
      STAGEGATE_MERGE_INFRA_RETRY_ENABLED: 'false',
      STAGEGATE_MERGE_INFRA_RETRY_PROJECTS: 'site',
    });
    const projects = new ConfiguredProjects(
      [{ project: site }, { project: web, switches: { mergeInfraRetry: true } }],
      switches,
    );
    expect(projects.switches('site')).toMatchObject({ stagingRunner: false, mergeInfraRetry: false });
    expect(projects.switches('web')).toMatchObject({ stagingRunner: true, mergeInfraRetry: true });
  });
});

describe('service and project file together', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'projects-'));
    writeFileSync(
      join(folder, 'stagegate.yml'),
      'projects: { web: { repo: web.git, staging: { suite: npm test } } }\n',
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const load = (more: Record<string, string>) => {
    const environment = { STAGEGATE_PROJECTS: join(folder, 'stagegate.yml'), ...more };
    return loadProjects(loadServiceConfig(environment), hasher, environment);
  };

  test('give the projects of the service', () => {
    expect(load({}).get('web')?.repository.path).toBe(join(folder, 'web.git'));
    expect(load({ STAGEGATE_STAGING_RUNNER_ENABLED: 'false' }).switches('web').stagingRunner).toBe(false);
  });

  test('a placeholder nobody fills in is a fault of that project alone, with its line', () => {
    const agents = 'agents: { reviewer: { command: [agent, "{promt}"] } }';
    const file = join(folder, 'placeholders.yml');
    writeFileSync(
      file,
      `projects:\n  web: { repo: a.git, staging: { suite: x } }\n  api: { repo: b.git, staging: { suite: x }, ${agents} }\n`,
    );
    const projects = load({ STAGEGATE_PROJECTS: file });
    expect(projects.setAside('web')).toBeNull();
    expect(projects.setAside('api')).toEqual({
      cause: expect.stringMatching(
        /placeholders\.yml:3: projects\.api\.agents\.reviewer\.command\.1: expected \{role\}, .* in braces, saw \{promt\}$/,
      ) as string,
      remedy: 'correct the command ({prompt}?) and restart the service',
      since: null,
    });
  });

  test('a scope that names no project of the file is refused', () => {
    expect(() => load({ STAGEGATE_MERGE_INFRA_RETRY_PROJECTS: 'wed' })).toThrow(
      'STAGEGATE_MERGE_INFRA_RETRY_PROJECTS: expected projects of the project file, saw wed; did you mean web?',
    );
  });

  test("the URL of a store is handed out under no other name, as an agent's variable or as a suite's", () => {
    const url = 'postgres://ann:s3cret@db/log';
    const environment = { STAGEGATE_READ_MODEL_URL: url, DATABASE_URL: `${url}?sslmode=require` };
    const refusal =
      'expected variables without credentials of the service, saw DATABASE_URL, which holds STAGEGATE_READ';
    expect(() => load({ ...environment, STAGEGATE_AGENT_ENV: 'PATH,DATABASE_URL' })).toThrow(
      `STAGEGATE_AGENT_ENV: ${refusal}`,
    );
    writeFileSync(
      join(folder, 'other.yml'),
      'projects: { web: { repo: web.git, staging: { suite: npm test, env: [DATABASE_URL] } } }\n',
    );
    expect(() => load({ ...environment, STAGEGATE_PROJECTS: join(folder, 'other.yml') })).toThrow(
      `projects.web.staging.env: ${refusal}`,
    );
    writeFileSync(
      join(folder, 'other.yml'),
      'projects: { web: { repo: web.git, staging: { suite: npm test }, image: { registry: r.example/app:1, credentials: DATABASE_URL } } }\n',
    );
    expect(() => load({ ...environment, STAGEGATE_PROJECTS: join(folder, 'other.yml') })).toThrow(
      `projects.web.image.credentials: ${refusal}`,
    );
    expect(load({ DATABASE_URL: url, STAGEGATE_AGENT_ENV: 'DATABASE_URL' }).get('web')).not.toBeNull();
  });

  test.each([
    [
      'webhooks',
      'projects: { web: { repo: web.git, staging: { suite: npm test, env: [KEY] }, hooks: { github: { secrets: [{ variable: KEY }] } } } }',
    ],
    [
      'alerts',
      'projects: { web: { repo: web.git, staging: { suite: npm test, env: [KEY] } } }\nalerts: { sinks: { ops: { kind: slack, urlFrom: { variable: KEY } } } }',
    ],
  ])('a secret of %s is handed to nothing that runs', (_whose, text) => {
    writeFileSync(join(folder, 'other.yml'), `${text}\n`);
    expect(() => load({ STAGEGATE_PROJECTS: join(folder, 'other.yml') })).toThrow(
      'projects.web.staging.env: expected variables without credentials of the service, saw KEY, which is a secret of alerts or hooks; take it out',
    );
  });

  test('a job longer than the bound stops the start', () => {
    const environment = { STAGEGATE_REAPER_MAX_RUNNING_S: '1000', STAGEGATE_MERGE_RETEST_TIMEOUT_S: '900' };
    expect(() => load(environment)).toThrow(/expected at least 1153.*saw 1000/);
  });
});
