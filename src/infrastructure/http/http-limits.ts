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
  /** Event streams at once; more are refused. */
  readonly streams: number;
  /** Of these, of one token. */
  readonly streamsPerToken: number;
  /** Between two signs of life of an event stream. */
  readonly heartbeatMs: number;
  /** For a reader of an event stream to take what has been sent. */
  readonly takenWithinMs: number;
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
  streams: 256,
  streamsPerToken: 32,
  heartbeatMs: 15_000,
  takenWithinMs: 30_000,
};
