export type LoggerFields = Readonly<Record<string, string | number | boolean | null>>;

/** One line per happening, for operators. Decisions are in the event log, not here. */
export abstract class Logger {
  abstract info(message: string, fields?: LoggerFields): void;
  abstract warn(message: string, fields?: LoggerFields): void;
  abstract error(message: string, fields?: LoggerFields): void;
}
