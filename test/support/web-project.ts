import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { lastJson, startService, type CliResult, type Environment, type RunningService } from './cli';
import { CliSession } from './cli-session';
import { SampleRepository } from './sample-repository';

/** Less than specs have: who waits in vain is told what for. */
const LIMIT_MS = 100_000;

/** What `why --json` says of a task. */
export interface Why {
  readonly stage: string;
  readonly status: string;
  readonly code: string;
  readonly text: string;
  readonly do: string | null;
}

/** What `show --json` says of a task. */
export interface Shown {
  readonly entry: { readonly stage: string; readonly status: string; readonly why: Pick<Why, 'code' | 'text'> };
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
}

export const isDone = ({ stage }: Why) => stage === 'done';
export const isHeld = ({ status }: Why) => status === 'held';
export const isBack = ({ stage }: Why) => stage === 'development';

/** A service with one project, `web`, on a repository of its own, and what its users ask it. */
export class WebProject {
  readonly sample: SampleRepository;
  readonly stateDir = mkdtempSync(join(tmpdir(), 'stagegate-web-'));
  readonly file: string;
  readonly env: Environment;
  private service: RunningService | null = null;

  constructor(
    private readonly session: CliSession,
    like?: SampleRepository,
  ) {
    this.sample = new SampleRepository(like ? { like: like.root } : {});
    this.file = join(this.sample.root, 'stagegate.yml');
    this.env = {
      STAGEGATE_STATE_DIR: this.stateDir,
      STAGEGATE_PROJECTS: this.file,
      STAGEGATE_PORT: '0',
      STAGEGATE_LOG_LEVEL: 'error',
    };
  }

  /**
   * @param project beside what every project here has: a suite that is green, and retries that are quick.
   * @param env variables of the service alone.
   */
  async up(project: object, env: Environment = {}): Promise<void> {
    const web = {
      repo: this.sample.dir,
      entryStages: ['deploy-staging'],
      staging: { suite: 'true' },
      backoff: { base: '50ms', max: '100ms' },
      ...project,
    };
    writeFileSync(this.file, JSON.stringify({ projects: { web } }));
    await this.start(env);
  }

  async start(env: Environment = {}): Promise<void> {
    this.service = await startService({ ...this.env, ...env });
  }

  /** @returns what it has printed; nothing where none was running. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<CliResult | null> {
    const ending = this.service;
    this.service = null;
    ending?.child.kill(signal);
    return ending && (await ending.ended);
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
    this.sample.dispose();
  }

  run(...args: readonly string[]): Promise<CliResult> {
    return this.session.run(args, this.env);
  }

  async json(...args: readonly string[]): Promise<unknown> {
    return lastJson(await this.run(...args, '--json'));
  }

  async submit(id: string, branch: string, stage = 'deploy-staging'): Promise<void> {
    const submit = ['submit', branch, '--project', 'web', '--id', id, '--start-stage', stage];
    expect(await this.run(...submit)).toMatchObject({ code: 0 });
  }

  /** What a person answers, with a reason. */
  async answer(...args: readonly string[]): Promise<void> {
    expect(await this.run(...args, '--reason', 'seen')).toMatchObject({ code: 0 });
  }

  async until(id: string, isThere: (why: Why) => boolean): Promise<Why> {
    const look = async () => (await this.json('why', `web.${id}`)) as Why;
    let seen = await look();
    await until(`web.${id} is there`, async () => isThere((seen = await look())), LIMIT_MS);
    return seen;
  }

  /** In words. */
  async why(id: string): Promise<string> {
    return (await this.run('why', `web.${id}`)).stdout;
  }

  async show(id: string): Promise<Shown> {
    return (await this.json('show', `web.${id}`)) as Shown;
  }

  /** `job outcome` of each run, the oldest first. */
  async runsOf(id: string): Promise<readonly string[]> {
    const { items } = (await this.json('runs', `web.${id}`)) as {
      readonly items: readonly { readonly job: string; readonly outcome: string }[];
    };
    return items.map(({ job, outcome }) => `${job} ${outcome}`).reverse();
  }

  /** It is rendered beside the log, in its own time. */
  async artifact(id: string, name: string): Promise<Buffer> {
    const path = join(this.stateDir, 'artifacts', 'web', id, name);
    await until(`${name} is there`, () => existsSync(path));
    return readFileSync(path);
  }
}

/** Gives every test of a file a project of its own, and all of them one session. */
export function eachInOwnProject(begin: (web: WebProject) => void): void {
  const session = new CliSession();
  let web: WebProject;
  beforeEach(() => {
    web = new WebProject(session);
    begin(web);
  });
  afterEach(() => web.dispose());
  afterAll(() => session.close());
}
