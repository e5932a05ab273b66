import pino, { type DestinationStream, type Logger } from 'pino';
import { Log, type LogFields } from '../../application/ports/log';
import { stderr } from '../terminal/standard-stream';
import { visibleJson } from '../terminal/visible';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log is read on a terminal too, and its fields come from everywhere; that nobody reads it is no reason to stop. */
const STDERR: DestinationStream = {
  write: (lines) => {
    stderr.write(`${visibleJson(lines.trimEnd())}\n`);
  },
};

/** One JSON object per line on stderr; stdout belongs to what a command answers. */
export class PinoLog extends Log {
  private readonly logger: Logger;

  constructor(options: { level: LogLevel; destination?: DestinationStream }) {
    super();
    this.logger = pino(
      {
        level: options.level,
        // Process id and host name would repeat on every line what the platform's collector adds anyway.
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      options.destination ?? STDERR,
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
