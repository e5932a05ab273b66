export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** One line per happening, for operators. Decisions are in the event log, not here. */
export abstract class Log {
  abstract info(message: string, fields?: LogFields): void;
  abstract warn(message: string, fields?: LogFields): void;
  abstract error(message: string, fields?: LogFields): void;
}
