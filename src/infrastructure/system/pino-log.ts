import pino, { type DestinationStream, type Logger } from 'pino';
import { Log, type LogFields } from '../../application/ports/log';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;

/** One JSON object per line on stderr; stdout belongs to what a command answers. */
export class PinoLog extends Log {
  private readonly logger: Logger;

  /** @param destination written synchronously by default, so that the last words of a crash are not lost. */
  constructor(options: { level: LogLevel; destination?: DestinationStream }) {
    super();
    const destination = options.destination ?? pino.destination({ fd: STDERR, sync: true });
    this.logger = pino(
      {
        level: options.level,
        // Process id and host name would repeat on every line what the platform's collector adds anyway.
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    );
  }

  info(message: string, fields: LogFields = {}): void {
    this.logger.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.logger.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.logger.error(fields, message);
  }
}
