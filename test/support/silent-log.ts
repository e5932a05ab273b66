import { Log } from '../../src/application/ports/log';

class SilentLog extends Log {
  info(): void {}
  warn(): void {}
  error(): void {}
}

/** For tests that look at something else. */
export const SILENT = new SilentLog();
