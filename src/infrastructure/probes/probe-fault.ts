import { InfrastructureError } from '../../application/ports/infrastructure-error';

export type ProbeFault =
  | { readonly kind: 'no-answer'; readonly detail: string }
  | { readonly kind: 'ours'; readonly error: InfrastructureError };

/** What a target does that is down, overloaded, or none that speaks HTTP. */
const OF_TARGET: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut off',
  ECONNABORTED: 'the connection was cut off',
  EPIPE: 'the connection was cut off',
  ETIMEDOUT: 'no connection',
  EHOSTUNREACH: 'its host cannot be reached',
  EHOSTDOWN: 'its host is down',
};
/** What answers and speaks no HTTP, or no TLS that can be trusted: nobody else could use it either. */
const OF_TARGET_BY_KIND: readonly (readonly [RegExp, string])[] = [
  [/^HPE_/, 'what answered was no HTTP'],
  [
    /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH$|INVALID_)/,
    'TLS failed',
  ],
];
const NO_NAME: readonly string[] = ['EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENOTFOUND'];
const NO_ROUTE: readonly string[] = ['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'];

/** Whose fault it is that there was no answer. What nobody knows is ours: then nothing is said of what was asked. */
export function probeFault(error: unknown): ProbeFault {
  const faults = withEach(error);
  // Of a name with two addresses it suffices that one of them has been reached.
  for (const { code, message } of faults) {
    const words = OF_TARGET[code] ?? OF_TARGET_BY_KIND.find(([pattern]) => pattern.test(code))?.[1];
    if (words !== undefined) return { kind: 'no-answer', detail: `${words} (${code === 'EPROTO' ? message : code})` };
  }
  const { code, message } = faults[0] ?? { code: '', message: String(error) };
  return { kind: 'ours', error: ofThisMachine(code, `${message} (${code})`, { cause: error }) };
}

function ofThisMachine(code: string, text: string, cause: { cause: unknown }): InfrastructureError {
  if (NO_NAME.includes(code)) return new InfrastructureError('PROBE_NO_NAME', text, cause);
  if (NO_ROUTE.includes(code)) return new InfrastructureError('PROBE_NO_ROUTE', text, cause);
  return new InfrastructureError('PROBE_FAILED', text, cause);
}

interface Fault {
  readonly code: string;
  readonly message: string;
}

function withEach(error: unknown): readonly Fault[] {
  const all = error instanceof AggregateError ? [...(error.errors as readonly unknown[]), error] : [error];
  return all.map((each) => {
    const { code = 'unknown', message = String(each) } = (each ?? {}) as { code?: string; message?: string };
    return { code, message };
  });
}
