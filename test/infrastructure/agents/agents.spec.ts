import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentRequest } from '../../../src/application/ports/agent-transport';
import type { Brief } from '../../../src/domain/brief/brief';
import { HostEnvironment } from '../../../src/application/ports/host-environment';
import { Logger, type LoggerFields } from '../../../src/application/ports/logger';
import {
  ProcessRunner,
  type CapturedStream,
  type RecoveredRun,
  type RunResult,
  type RunSpec,
} from '../../../src/application/ports/process-runner';
import { toArgv, unfilledPlaceholder } from '../../../src/infrastructure/agents/argv-template';
import { CommandAgentTransport } from '../../../src/infrastructure/agents/command-agent-transport';
import { readReport } from '../../../src/infrastructure/agents/read-report';

/** Runs the command for real, with nothing of the real runner's care. */
class PlainRunner extends ProcessRunner {
  readonly specs: RunSpec[] = [];
  survivors = 0;

  run(spec: RunSpec): Promise<RunResult> {
    this.specs.push(spec);
    return new Promise((resolve) => {
      const child = spawn(spec.command, spec.args, {
        cwd: spec.cwd,
        env: spec.env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      child.on('close', (code) => {
        resolve(executed(spec.runId, code ?? 1, captured(Buffer.concat(chunks)), this.survivors));
      });
    });
  }

  async recover(): Promise<readonly RecoveredRun[]> {
    return [];
  }
}

class WarningsOnly extends Logger {
  info(): void {}
  error(): void {}
  warn(_: string, fields: LoggerFields = {}): void {
    warnings.push(fields);
  }
}

class FixedHost extends HostEnvironment {
  readonly release = 'test 1';
  readonly isolation = 'none';
  pick(names: readonly string[]): Record<string, string> {
    const known: Record<string, string> = { PATH: '/usr/bin:/bin', AGENT_KEY: 'k', SERVICE_SECRET: 's' };
    return Object.fromEntries(names.map((name) => [name, known[name] ?? '']));
  }
  logFile(runId: string): string {
    return `/logs/${runId}.log`;
  }
}

function captured(bytes: Buffer): CapturedStream {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { head: bytes, tail: Buffer.alloc(0), totalBytes: bytes.length, sha256, truncated: false };
}

function executed(runId: string, exitCode: number, stdout: CapturedStream, survivors: number): RunResult {
  return {
    kind: 'executed',
    verdict: exitCode === 0 ? 'pass' : 'fail',
    exitCode,
    runId,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    isolation: 'none',
    containment: 'best-effort',
    output: { stdout, stderr: captured(Buffer.alloc(0)) },
    leaked: 0,
    survivors,
    pipeHeldOpen: false,
    usage: {
      cpuUserMs: 0,
      cpuSysMs: 0,
      source: 'cutime',
      load1: [0, 0],
      ownCores: 1,
      machineBusyCores: 0,
      topForeign: [],
    },
  };
}

const FILE = '12-review.md';
const BRIEF: Brief = {
  prompt: 'Review the change; $(touch pwned)',
  files: [{ name: '01-analysis.md', text: '# Analysis\n' }],
  variables: { STAGEGATE_TASK: 'web.W-1', STAGEGATE_ROLE: 'reviewer' },
};
let stateDir: string;
let runner: PlainRunner;
let warnings: LoggerFields[];
let transport: CommandAgentTransport;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'agents-'));
  runner = new PlainRunner();
  warnings = [];
  const log = new WarningsOnly();
  transport = new CommandAgentTransport({
    runner,
    host: new FixedHost(),
    logger: log,
    stateDir,
    environment: ['PATH', 'AGENT_KEY'],
  });
});
afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

function request(command: AgentRequest['agent']['command'], changes: Partial<AgentRequest> = {}): AgentRequest {
  return {
    role: 'reviewer',
    agent: { command, timeoutMs: 5000, graceMs: 100 },
    runId: 'run-1',
    cookie: 'cookie-1',
    cwd: stateDir,
    brief: BRIEF,
    artifactFile: FILE,
    treeKill: true,
    signal: new AbortController().signal,
    ...changes,
  };
}

describe('what an agent gets', () => {
  test('its variables, the prompt file and the artifact folder, and nothing else of the service', async () => {
    const { artifact } = await transport.run(
      request(`{ env; cat "$STAGEGATE_PROMPT_FILE"; } > "$STAGEGATE_ARTIFACT_DIR/${FILE}"`),
    );
    const text = Buffer.from(artifact!).toString('utf8');
    expect(text).toContain('STAGEGATE_TASK=web.W-1');
    expect(text).toContain('STAGEGATE_ROLE=reviewer');
    expect(text).toContain('AGENT_KEY=k');
    expect(text).toContain('Review the change; $(touch pwned)');
    expect(text).not.toContain('SERVICE_SECRET');
  });

  test('the files of its brief, in a folder of its work tree that is named to it', async () => {
    const prompt = 'Read {{brief_dir}}/01-analysis.md, write to {{artifact_dir}}.';
    const { artifact } = await transport.run(
      request(
        `{ cat "$STAGEGATE_PROMPT_FILE" "$STAGEGATE_BRIEF_DIR/01-analysis.md"; } > "$STAGEGATE_ARTIFACT_DIR/${FILE}"`,
        { brief: { ...BRIEF, prompt } },
      ),
    );
    const text = Buffer.from(artifact!).toString('utf8');
    expect(text).toContain(
      `Read ${join(stateDir, '.stagegate')}/01-analysis.md, write to ${join(stateDir, 'agents/run-')}`,
    );
    expect(text).toContain('# Analysis\n');
  });

  test('its limits, run id, cookie and log file', async () => {
    await transport.run(request('true'));
    expect(runner.specs[0]).toMatchObject({
      runId: 'run-1',
      cookie: 'cookie-1',
      cwd: stateDir,
      timeoutMs: 5000,
      graceMs: 100,
      logFile: '/logs/run-1.log',
    });
  });

  test('in an argument list the prompt stays one argument, whatever it holds', async () => {
    const { artifact } = await transport.run(
      request(['/bin/sh', '-c', `printf '%s' "$1" > "$2/${FILE}"`, 'agent', '{prompt}', '{artifact_dir}'], {
        brief: { ...BRIEF, prompt: `'"; exit 3 {role}` },
      }),
    );
    expect(Buffer.from(artifact!).toString()).toBe(`'"; exit 3 {role}`);
  });

  test('placeholders are filled in arguments only, never in text for a shell', () => {
    const values = { role: 'tester', prompt: 'p', prompt_file: '/f', artifact_dir: '/a' };
    expect(toArgv(['{role}', '--in={prompt_file}', '{"a":1}', '{other}'], values)).toEqual({
      command: '{role}',
      args: ['--in=/f', '{"a":1}', '{other}'],
    });
    for (const argument of ['{prompt}', '--in={prompt_file}', '{"a":1}', '${HOME}', '{{name}}', '{ print }', '{1}'])
      expect(unfilledPlaceholder(['agent', argument])).toBeNull();
    expect(unfilledPlaceholder(['agent', '-p', 'a{promt}b'])).toEqual({ index: 2, name: 'promt' });
    expect(unfilledPlaceholder(['agent', '{prompt-file}'])).toEqual({ index: 1, name: 'prompt-file' });
    expect(unfilledPlaceholder(['{role}', 'x'])).toEqual({ index: 0, name: 'role' });
    expect(unfilledPlaceholder('run {promt}')).toBeNull();
    expect(toArgv('run {prompt}', values)).toEqual({ command: '/bin/sh', args: ['-c', 'run {prompt}'] });
  });
});

describe('what an agent leaves', () => {
  const leave = (script: string) => transport.run(request(`cd "$STAGEGATE_ARTIFACT_DIR" && ${script}`));

  test('its folder is gone afterwards, also when it made itself unreadable', async () => {
    await leave(`echo hello > ${FILE}; chmod 0 .`);
    await leave('cd .. && rmdir artifacts');
    await leave('cd .. && rmdir artifacts && ln -s /nowhere artifacts');
    expect(readdirSync(join(stateDir, 'agents'))).toEqual([]);
  });

  test('a role that answers with commits leaves no artifact and no complaint', async () => {
    const { artifact } = await transport.run(request('true', { artifactFile: null }));
    expect(artifact).toBeNull();
    expect(warnings).toEqual([]);
  });

  test.each([
    ['missing', 'true'],
    ['a symbolic link', `ln -s /etc/hostname ${FILE}`],
    ['a hard link to another file', `echo x > a && ln a ${FILE}`],
    ['not a regular file', `mkfifo ${FILE}`],
    ['not a regular file', `mkdir ${FILE}`],
    ['larger than 1048576 bytes', `head -c 1048577 /dev/zero > ${FILE}`],
    ['the artifact folder was replaced', `echo x > ../${FILE} && cd .. && rm -r artifacts && ln -s . artifacts`],
  ])('an artifact that is %s is not taken', async (reason, script) => {
    const { artifact } = await leave(script);
    expect(artifact).toBeNull();
    expect(warnings).toEqual([expect.objectContaining({ reason, file: FILE, role: 'reviewer' })]);
  });

  test('an artifact of the largest size is taken whole', async () => {
    const { artifact } = await leave(`head -c 1048576 /dev/zero > ${FILE}`);
    expect(artifact).toHaveLength(1048576);
  });

  test('while a process of the agent lives, nothing is read', async () => {
    runner.survivors = 1;
    const { artifact } = await leave(`echo x > ${FILE}`);
    expect(artifact).toBeNull();
  });

  test('a state directory that cannot be written is an infrastructure failure', async () => {
    mkdirSync(join(stateDir, 'sub'));
    writeFileSync(join(stateDir, 'agents'), '');
    await expect(transport.run(request('true'))).rejects.toMatchObject({ code: 'AGENT_FOLDER_FAILED' });
  });
});

describe('what an agent says', () => {
  test('one JSON object on stdout is its report', async () => {
    const { report } = await transport.run(request(`echo '{"total_cost_usd": 0.12, "usage": {"input_tokens": 5}}'`));
    expect(report).toEqual({ total_cost_usd: 0.12, usage: { input_tokens: 5 } });
  });

  test('what it says of tokens and money is read beside it', async () => {
    const { usage } = await transport.run(request(`cat ${join(__dirname, '../../fixtures/usage/claude-json.txt')}`));
    expect(usage).toMatchObject({ kind: 'usage', usage: { outputTokens: 2_140, model: 'claude-sonnet-4-5' } });
    expect((await transport.run(request('echo done'))).usage).toBeNull();
  });

  test.each<[string, unknown]>([
    ['{\n "a": 1\n}\n', { a: 1 }],
    ['working…\n{"a":1}\n\n', { a: 1 }],
    ['{"a":1}\n{"a":2}', { a: 2 }],
    ['{"a":1}\nnot json', null],
    ['[1]', null],
    ['null', null],
    ['7', null],
    ['', null],
  ])('%j is read as %j', (text, report) => {
    expect(readReport(captured(Buffer.from(text)))).toEqual(report);
  });

  test('of a long output the last line counts', () => {
    const tail = Buffer.from('half a line\n{"a":1}\n');
    const stream = { head: Buffer.from('{"b":'), tail, totalBytes: 9999, sha256: '', truncated: true };
    expect(readReport(stream)).toEqual({ a: 1 });
  });

  test('head and tail are joined when nothing lies between them', () => {
    const stream = { head: Buffer.from('{"a"'), tail: Buffer.from(':1}'), totalBytes: 7, sha256: '', truncated: false };
    expect(readReport(stream)).toEqual({ a: 1 });
  });
});
