/** How long and how often callers may keep the service's attention. */
export interface HttpLimits {
  /** For a request's head to arrive. */
  readonly headersWithinMs: number;
  /** For all of a request to arrive, its body included. */
  readonly requestWithinMs: number;
  /** How often the two are looked at: a request ends that much later at most. */
  readonly lookEveryMs: number;
  /** Without a byte in either direction: a caller who does not take the answer. */
  readonly silenceMs: number;
  /** Between two requests of one connection. */
  readonly keepAliveMs: number;
  /** After the last answer of a connection, for the caller to end it too: what still comes is thrown away. */
  readonly lingerMs: number;
  /** At once; more are closed as they come. */
  readonly connections: number;
  /** For answers that are under way when the service stops. */
  readonly closeWithinMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersWithinMs: 10_000,
  requestWithinMs: 30_000,
  lookEveryMs: 1_000,
  silenceMs: 300_000,
  keepAliveMs: 5_000,
  lingerMs: 2_000,
  connections: 500,
  closeWithinMs: 2_000,
};
