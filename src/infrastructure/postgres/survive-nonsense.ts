import type { Connection } from 'pg';
import { wordsOf } from '../../domain/within-sentence';

type Emit = (this: Connection['stream'], event: string | symbol, ...args: unknown[]) => boolean;

/**
 * The driver parses what arrives within the listener of its socket: what does not parse would end the process. It ends the connection
 * instead, as any other break does.
 */
export function surviveNonsense(connection: Connection): void {
  guard(connection.stream);
  // With TLS the driver goes on with another stream.
  connection.on('sslconnect', () => {
    guard(connection.stream);
  });
}

function guard(stream: Connection['stream']): void {
  const emit = stream.emit.bind(stream) as Emit;
  stream.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'data') return emit.call(stream, event, ...args);
    try {
      return emit.call(stream, event, ...args);
    } catch (error) {
      const message = `an answer that is none of PostgreSQL's: ${wordsOf(error)}`;
      stream.destroy(new Error(message, { cause: error }));
      return true;
    }
  };
}
