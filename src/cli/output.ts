import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { withoutSecrets } from '../application/secrets';
import { plainText } from '../domain/staging/plain-text';
import { stderr, stdout, type StandardStream } from '../infrastructure/terminal/standard-stream';
import { StatusLine } from '../infrastructure/terminal/status-line';
import { visibleJson, visibleLine, visibleText } from '../infrastructure/terminal/visible';
import { isInterrupted, LAST_WORDS_MS } from './signals';
import { render, tableLines, yellow, type Text } from './styled';

/**
 * Where a command writes. Results go to stdout, everything else to stderr, so that a pipe gets results only. Nothing that
 * is printed can steer a terminal: text may come from branches, titles, git and whatever suites have said.
 */
export interface Output {
  readonly isJson: boolean;
  line(...text: readonly Text[]): void;
  table(header: readonly string[], rows: readonly (readonly string[])[]): void;
  json(value: unknown): void;
  note(...text: readonly Text[]): void;
  warn(...text: readonly Text[]): void;
  /** A line that is written over again and again; null where no terminal is there to show it. */
  readonly status: Pick<StatusLine, 'show' | 'hide'> | null;
}

export function terminalOutput(isJson: boolean): Output {
  const status = !isJson && stderr.isTerminal && process.env['TERM'] !== 'dumb' ? new StatusLine(stderr) : null;
  const printLine = (stream: StandardStream, text: readonly Text[]): void => {
    status?.hide();
    writeLine(stream, text);
  };
  return {
    isJson,
    status: status && {
      show: (text) => {
        status.show(withoutSecrets(text));
      },
      hide: () => {
        status.hide();
      },
    },
    line: (...text) => {
      printLine(stdout, text);
    },
    table: (header, rows) => {
      for (const line of tableLines(header, rows)) printLine(stdout, [line]);
    },
    json: (value) => {
      stdout.write(`${visibleJson(JSON.stringify(value, bigintAsText))}\n`);
    },
    note: (...text) => {
      printLine(stderr, text.map(withoutPasswords));
    },
    warn: (...text) => {
      printLine(stderr, [yellow('warning'), ' ', ...text.map(withoutPasswords)]);
    },
  };
}

/** What somebody else's program has said: into a pipe byte by byte, onto a terminal without what would steer it. */
export async function printVerbatim(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  stream: StandardStream = stdout,
): Promise<void> {
  await unlessClosed(stream, pipeline(stream.isTerminal ? plainChunks(chunks) : chunks, stream.sink()));
}

/** One value as JSON that is longer than what anybody would hold; the parts end with a newline. */
export async function printJsonParts(parts: AsyncIterable<string>): Promise<void> {
  await unlessClosed(stdout, pipeline(parts, stdout.sink(visibleJson)));
}

/** An object whose last member is a long text, without ever holding all of it. */
export async function* asJsonText(
  members: Readonly<Record<string, string>>,
  last: string,
  text: AsyncIterable<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const quoted = (part: string) => JSON.stringify(part).slice(1, -1);
  yield JSON.stringify({ ...members, [last]: '' }).slice(0, -2);
  for await (const chunk of text) yield quoted(decoder.decode(chunk, { stream: true }));
  yield `${quoted(decoder.decode())}"}\n`;
}

/** A mistake of the user's, in one line. */
export function printMistake(text: string): void {
  stderr.write(`stagegate: ${visibleLine(withoutSecrets(text.replace(/\s*\n\s*/g, ' ')))}\n`);
}

/** Arguments that are none, in the words of the parser, which may have guessed what was meant. */
export function printMisuse(text: string): void {
  const [, message = '', guess = ''] = /^([^]*?)(\n\(Did you mean [^\n]*\))?\n?$/.exec(text) ?? [];
  stderr.write(`${visibleLine(withoutSecrets(message))}${visibleText(withoutSecrets(guess))}\n`);
}

/** A mistake of ours, with all that is known of it. */
export function printFault(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`stagegate: internal error: ${visibleText(withoutSecrets(text))}\n`);
}

function withoutPasswords(text: Text): Text {
  return typeof text === 'string' ? withoutSecrets(text) : { ...text, text: withoutSecrets(text.text) };
}

function writeLine(stream: StandardStream, text: readonly Text[]): void {
  stream.write(`${render(text, isColoured(stream))}\n`);
}

/** Where nobody reads, what that means for the exit code is decided at the end. */
async function unlessClosed(stream: StandardStream, written: Promise<void>): Promise<void> {
  try {
    await (isInterrupted() ? Promise.race([written, delay(LAST_WORDS_MS)]) : written);
  } catch (error) {
    if (!stream.isClosed) throw error;
  }
}

/** By https://no-color.org and https://force-color.org. */
function isColoured({ isTerminal }: StandardStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? true : isTerminal && TERM !== 'dumb';
}

/** A sequence that is cut between two chunks loses its first byte, without which it is text. */
async function* plainChunks(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield plainText(decoder.decode(chunk, { stream: true }));
  yield plainText(decoder.decode());
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
