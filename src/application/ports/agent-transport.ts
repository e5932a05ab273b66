import type { Brief } from '../../domain/brief/brief';
import type { AgentPolicy } from '../../domain/policy/project-policy';
import type { AgentRole } from '../../domain/task/pipeline';
import type { UsageRead } from '../../domain/usage/agent-usage';
import type { RunResult } from './process-runner';

export interface AgentRequest {
  readonly role: AgentRole;
  readonly agent: AgentPolicy;
  readonly runId: string;
  readonly cookie: string;
  /** Working tree that belongs to the agent. */
  readonly cwd: string;
  /** What the agent is told; the transport adds the folders. */
  readonly brief: Brief;
  /** Name of the file that must hold the verdict; null for a role that answers with commits. */
  readonly artifactFile: string | null;
  /** Whether everything that it starts is ended with it. */
  readonly treeKill: boolean;
  readonly signal: AbortSignal;
}

export interface AgentReply {
  readonly result: RunResult;
  /** Collected after the agent's process tree was gone. */
  readonly artifact: Uint8Array | null;
  /** The one JSON object the command printed, if it did. */
  readonly report: Readonly<Record<string, unknown>> | null;
  /** What it says of tokens and money; null where it says nothing of them. */
  readonly usage: UsageRead | null;
}

/** The only way from the service to an agent. */
export abstract class AgentTransport {
  abstract run(request: AgentRequest): Promise<AgentReply>;
}
