import { createHash } from 'node:crypto';
import { product } from './product.mjs';

const { AgentTransport } = product('application/ports/agent-transport.js');
const { ArtifactStore } = product('application/ports/artifact-store.js');

/** Artifacts that never reach a disk: what the log and the decisions cost, without the files around them. */
export class InstantArtifacts extends ArtifactStore {
  #contents = new Map();

  async put(text) {
    const digest = createHash('sha256').update(text).digest('hex');
    this.#contents.set(digest, new TextEncoder().encode(text));
    return digest;
  }

  async get(digest) {
    return this.#contents.get(digest) ?? null;
  }

  async ensureNamed(_task, { digest }) {
    return this.#contents.has(digest) ? { kind: 'same' } : { kind: 'lost' };
  }
}

/** Agents that answer without a folder of their own. */
export class InstantAgents extends AgentTransport {
  /** @param {import('./instant-runner.mjs').InstantRunner} runner */
  constructor(runner) {
    super();
    this.runner = runner;
  }

  async run({ brief, runId, artifactFile }) {
    const result = await this.runner.run({ runId, env: {} });
    const text = this.runner.workOf(brief.variables);
    return { result, artifact: artifactFile && new TextEncoder().encode(text), report: null, usage: null };
  }
}
