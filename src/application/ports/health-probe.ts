export interface ProbeAsk {
  readonly url: string;
  /** For the whole of it: name, connection, answer, body. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type Probed =
  /** `text`: the start of its body, as it came. */
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  /** Nothing that counts as an answer, and it is not the fault of the machine that asks. `detail`: for people. */
  | { readonly kind: 'no-answer'; readonly detail: string }
  | { readonly kind: 'aborted' };

/** Asks a URL once, from this machine. */
export abstract class HealthProbe {
  /** @throws InfrastructureError `PROBE_…` when this machine could not ask. */
  abstract probe(ask: ProbeAsk): Promise<Probed>;
}
