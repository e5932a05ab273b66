import type { Random } from '../simulation/random';
import type { Replica } from './replica';

/** Answered with 2xx: from here on it may not be lost. */
export interface Acknowledged {
  readonly what: 'submit' | 'hold' | 'release' | 'retry' | 'cancel';
  readonly task: string;
  /** Title or reason; nobody else says it. */
  readonly mark: string;
  /** Of the task's stream: all that was asked for stands no later than there. */
  readonly revision: bigint;
}

export type Request = Omit<Acknowledged, 'revision'> & { readonly body?: Readonly<Record<string, unknown>> };
export type Answer = 'acknowledged' | 'refused' | 'none';

/** Longer than a replica waits for a server that is away, shorter than anybody is stopped for. */
const ANSWER_WITHIN_MS = 8_000;

/** Asks replicas, and keeps what each answered. */
export class Requests {
  readonly acknowledged: Acknowledged[] = [];
  /** What no replica may ever answer. */
  readonly unexpected: string[] = [];
  /** Those that were not answered, or with 503: they may be stored all the same. */
  unanswered = 0;
  refused = 0;

  constructor(
    private readonly replicas: readonly Replica[],
    private readonly random: Random,
  ) {}

  /** One attempt, at any replica. */
  async send({ what, task, mark, body }: Request): Promise<Answer> {
    const up = this.replicas.filter(({ url }) => url !== null);
    if (up.length === 0) return 'none';
    const path = what === 'submit' ? '/v1/tasks' : `/v1/tasks/${task}/${what}`;
    try {
      const { url, headers } = this.random.pick(up);
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ ...body, [what === 'submit' ? 'title' : 'reason']: mark }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const said = (await answer.json()) as { revision?: string; code?: string };
      return this.note({ what, task, mark }, answer.status, said);
    } catch {
      // Nobody there, killed or stopped meanwhile, or an answer that broke off.
      this.unanswered += 1;
      return 'none';
    }
  }

  private note(
    request: Omit<Acknowledged, 'revision'>,
    status: number,
    said: { readonly revision?: string; readonly code?: string },
  ): Answer {
    if (said.revision !== undefined && (status === 200 || status === 201)) {
      this.acknowledged.push({ ...request, revision: BigInt(said.revision) });
      return 'acknowledged';
    }
    if (status === 503) {
      this.unanswered += 1;
      return 'none';
    }
    this.refused += 1;
    if (status !== 409) this.unexpected.push(`${request.what} of ${request.task}: ${status} ${said.code}`);
    return 'refused';
  }
}
