import { chmod, lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AgentTransport, type AgentReply, type AgentRequest } from '../../application/ports/agent-transport';
import type { HostEnvironment } from '../../application/ports/host-environment';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import type { Logger } from '../../application/ports/logger';
import type { ProcessRunner, RunResult } from '../../application/ports/process-runner';
import { toArgv, type ArgvValues } from './argv-template';
import { collectArtifact } from './collect-artifact';
import { layOutBrief } from './lay-out-brief';
import { readReport } from './read-report';
import { readUsage } from './usage/read-usage';
import { fillPlaces } from '../../domain/brief/brief';
import type { AGENT_PLACES, Handed } from '../../domain/handed-to-runs';
import { wordsOf } from '../../domain/within-sentence';

/** An agent's answer is one JSON object; what is longer than this is a log. */
const MAX_REPLY_BYTES = 1024 * 1024;

export interface CommandAgentDeps {
  readonly runner: ProcessRunner;
  readonly host: HostEnvironment;
  readonly logger: Logger;
  readonly stateDir: string;
  /** Names of the service's own variables that every agent gets (its API key, PATH, HOME). */
  readonly environment: readonly string[];
}

/** Codes: AGENT_FOLDER_FAILED. */
export class AgentError extends InfrastructureError {}

/** A role's configured command, run to its end by the process runner. What it says is read only when it is gone. */
export class CommandAgentTransport extends AgentTransport {
  constructor(private readonly deps: CommandAgentDeps) {
    super();
  }

  async run(request: AgentRequest): Promise<AgentReply> {
    const folder = await this.makeFolder(request);
    try {
      const result = await this.runCommand(request, folder);
      return {
        result,
        artifact: await this.collect(request, result, folder),
        report: readReport(result.output.stdout),
        usage: readUsage(result.output.stdout),
      };
    } finally {
      await this.removeFolder(folder);
    }
  }

  private async makeFolder(request: AgentRequest): Promise<RunFolder> {
    const root = resolve(this.deps.stateDir, 'agents');
    try {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const dir = await mkdtemp(join(root, 'run-'));
      const { brief, cwd } = request;
      const artifactDir = join(dir, 'artifacts');
      await mkdir(artifactDir, { mode: 0o700 });
      const briefDir = await layOutBrief(cwd, brief.files);
      const prompt = fillPlaces(brief.prompt, { artifact_dir: artifactDir, brief_dir: briefDir });
      const promptFile = join(dir, 'prompt.md');
      await writeFile(promptFile, prompt, { flag: 'wx', mode: 0o600 });
      return { dir, artifactDir, briefDir, prompt, promptFile };
    } catch (cause) {
      const message = `cannot prepare a folder for the agent under ${root}: ${wordsOf(cause)}; check space and permissions`;
      throw new AgentError('AGENT_FOLDER_FAILED', message, { cause });
    }
  }

  private runCommand(request: AgentRequest, folder: RunFolder): Promise<RunResult> {
    const { host, runner, environment } = this.deps;
    const { agent, role, brief } = request;
    const { prompt, promptFile, artifactDir, briefDir } = folder;
    const places: Handed<typeof AGENT_PLACES> = {
      STAGEGATE_PROMPT_FILE: promptFile,
      STAGEGATE_ARTIFACT_DIR: artifactDir,
      STAGEGATE_BRIEF_DIR: briefDir,
    };
    const values: ArgvValues = { role, prompt, prompt_file: promptFile, artifact_dir: artifactDir };
    return runner.run({
      ...toArgv(agent.command, values),
      runId: request.runId,
      cookie: request.cookie,
      cwd: request.cwd,
      env: { ...host.pick(environment), ...brief.variables, ...places },
      timeoutMs: agent.timeoutMs,
      graceMs: agent.graceMs,
      maxTailBytes: MAX_REPLY_BYTES,
      logFile: host.logFile(request.runId),
      treeKill: request.treeKill,
      signal: request.signal,
    });
  }

  private async collect(request: AgentRequest, result: RunResult, folder: RunFolder): Promise<Uint8Array | null> {
    if (request.artifactFile === null) return null;
    // Somebody who is still alive could change the file between its being read and its being believed.
    const found =
      result.survivors > 0
        ? { kind: 'refused' as const, reason: 'processes of the agent are still alive' }
        : await collectArtifact(folder.artifactDir, request.artifactFile);
    if (found.kind === 'collected') return found.bytes;
    const fields = { runId: request.runId, role: request.role, file: request.artifactFile, reason: found.reason };
    this.deps.logger.warn('agent left no usable artifact', fields);
    return null;
  }

  private async removeFolder(folder: RunFolder): Promise<void> {
    try {
      // An agent may have taken the permission away that emptying needs. A link must not lend this to its target.
      const left = await lstat(folder.artifactDir).catch(() => null);
      if (left?.isDirectory()) await chmod(folder.artifactDir, 0o700);
      await rm(folder.dir, { recursive: true, force: true });
    } catch (cause) {
      // The run has its result; a folder left behind costs disk space only.
      this.deps.logger.warn('agent folder not removed', { folder: folder.dir, reason: wordsOf(cause) });
    }
  }
}

interface RunFolder {
  readonly dir: string;
  readonly promptFile: string;
  /** What is in it. */
  readonly prompt: string;
  readonly artifactDir: string;
  /** In the agent's work tree; it goes with that. */
  readonly briefDir: string;
}
