import { setTimeout as delay } from 'node:timers/promises';
import type { EvidenceOperations } from '../../../application/evidence-operations';
import { RequestRefused } from '../../../application/refusals';
import { operator } from '../../../domain/authority/principal';
import type { SampleRepository } from '../sample-repository';
import { CI_CHECK, PROJECT } from './gates-project';

const CI = operator('ci');
const LOOK_AGAIN_MS = 200;

/** Plays the CI of the project: parses the files of every new commit, and brings what that comes to. */
export class Ci {
  private readonly over = new AbortController();
  private readonly judged = new Map<string, string>();
  private readonly done: Promise<void>;
  /** Never resolves. @throws what broke while it ran: nobody would ever hear from it again. */
  readonly broken: Promise<never>;

  constructor(
    private readonly sample: SampleRepository,
    private readonly evidence: EvidenceOperations,
    branches: readonly string[],
  ) {
    this.done = this.watch(branches);
    this.broken = new Promise((_, reject) => {
      this.done.catch(reject);
    });
  }

  async stop(): Promise<void> {
    this.over.abort();
    await this.done.catch(() => undefined);
  }

  private async watch(branches: readonly string[]): Promise<void> {
    while (!this.over.signal.aborted) {
      for (const branch of branches) await this.look(branch);
      await delay(LOOK_AGAIN_MS, undefined, { signal: this.over.signal }).catch(() => undefined);
    }
  }

  private async look(branch: string): Promise<void> {
    const head = await this.sample.head(branch);
    if (this.judged.get(branch) === head) return;
    const output = await this.sample.syntaxError(branch, `lib/${branch}.js`);
    const files = output === null ? [] : [{ name: 'parse.log', text: output }];
    const said = { gate: 'check_ci_green', name: CI_CHECK, result: output === null ? 'success' : 'failure', files };
    try {
      await this.evidence.record(`${PROJECT}.${branch}`, { ...said, headOid: head }, CI);
      this.judged.set(branch, head);
    } catch (error) {
      // The service has not seen the commit yet, or the task is not submitted or over: the next look tells.
      if (!(error instanceof RequestRefused)) throw error;
    }
  }
}
