import pino, { type DestinationStream, type Logger } from 'pino';
import { Log, type LogFields } from '../../application/ports/log';
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
    this.logger.info(shown(fields), withoutSecrets(message));
  }

  warn(message: string, fields: LogFields = {}): void {
    this.logger.warn(shown(fields), withoutSecrets(message));
  }

  error(message: string, fields: LogFields = {}): void {
    this.logger.error(shown(fields), withoutSecrets(message));
  }
}

function shown(fields: LogFields): LogFields {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? withoutSecrets(value) : value]),
  );
}
