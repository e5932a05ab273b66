import { Log } from '../../src/application/ports/log';

/** Remembers what it was told, says nothing. */
export class QuietLog extends Log {
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
