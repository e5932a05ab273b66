import pino, { type DestinationStream, type Logger as Pino } from 'pino';
import { Logger, type LoggerFields } from '../../application/ports/logger';
import { withoutSecrets } from '../../application/secrets';
import type { LogLevel } from './log-levels';
import { stderr } from '../terminal/standard-stream';
import { visibleJson } from '../terminal/visible';

/** A log is read on a terminal too, and its fields come from everywhere; that nobody reads it is no reason to stop. */
const STDERR: DestinationStream = {
  write: (lines) => {
    stderr.write(`${visibleJson(lines.trimEnd())}\n`);
  },
};

/** One JSON object per line on stderr; stdout belongs to what a command answers. */
export class PinoLogger extends Logger {
  private readonly logger: Pino;

  /** @param options.fieldsOf what every line says of where it belongs, at that moment. */
  constructor(options: { level: LogLevel; destination?: DestinationStream; fieldsOf?: () => LoggerFields }) {
    super();
    this.logger = pino(
      {
        level: options.level,
        // Process id and host name would repeat on every line what the platform's collector adds anyway.
        base: null,
        ...(options.fieldsOf && { mixin: options.fieldsOf }),
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      options.destination ?? STDERR,
    );
  }

  info(message: string, fields: LoggerFields = {}): void {
    this.logger.info(shown(fields), withoutSecrets(message));
  }

  warn(message: string, fields: LoggerFields = {}): void {
    this.logger.warn(shown(fields), withoutSecrets(message));
  }

  error(message: string, fields: LoggerFields = {}): void {
    this.logger.error(shown(fields), withoutSecrets(message));
  }
}

function shown(fields: LoggerFields): LoggerFields {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? withoutSecrets(value) : value]),
  );
}
