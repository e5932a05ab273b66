import { Log } from '../../src/application/ports/log';

/** Remembers what it was told, says nothing. */
export class QuietLog extends Log {
  readonly errors: string[] = [];
  readonly infos: string[] = [];

  info(message: string): void {
    this.infos.push(message);
  }

  warn(): void {
    // Not asked for.
  }

  error(message: string): void {
    this.errors.push(message);
  }
}
