import { Logger } from '../../src/application/ports/logger';

/** Remembers what it was told, says nothing. */
export class QuietLogger extends Logger {
  readonly errors: string[] = [];
  readonly infos: string[] = [];
  readonly warnings: string[] = [];

  info(message: string): void {
    this.infos.push(message);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  error(message: string): void {
    this.errors.push(message);
  }
}
