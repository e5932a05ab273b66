import { isUtf8 } from 'node:buffer';
import type { CapturedStream } from '../../../application/ports/process-runner';
import type { UsageRead } from '../../../domain/usage/agent-usage';
import { claudeUsage } from './claude-usage';
import { codexUsage } from './codex-usage';
import { plainUsage } from './plain-usage';
import { isObject, type Json } from './said';

const FORMATS = [claudeUsage, codexUsage, plainUsage];
/** What every object has in it that says a usage; others are not parsed. */
const MARKS = ['"usage"', '"token_count"'].map((mark) => Buffer.from(mark));
const NEWLINE = 0x0a;
const OBJECT = 0x7b;
const LIST = 0x5b;

/**
 * What an agent's command says of its usage on stdout: the last object that says one, in any of the known formats, on a line of
 * its own or as all of the output. Each byte is looked at a fixed number of times.
 *
 * @returns null where nothing is said. What is cut, absurd or no text is `unusable`, and costs the run nothing.
 */
export function readUsage(stdout: CapturedStream): UsageRead | null {
  const { bytes, isWhole } = captured(stdout);
  const all = isWhole ? wholeOf(bytes) : null;
  if (all) return all;
  for (let end = bytes.length; end > 0;) {
    const start = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    const read = lineOf(bytes.subarray(start, end));
    if (read) return read;
    end = start - 1;
  }
  return null;
}

/** Head and tail join without a gap unless the stream was longer than both; then only the tail holds whole lines. */
function captured({ head, tail, totalBytes }: CapturedStream): { readonly bytes: Buffer; readonly isWhole: boolean } {
  if (head.length === totalBytes) return { bytes: Buffer.from(head), isWhole: true };
  if (head.length + tail.length === totalBytes) return { bytes: Buffer.concat([head, tail]), isWhole: true };
  return { bytes: Buffer.from(tail), isWhole: tail.length === totalBytes };
}

/** One object over several lines, or a list of them, whose last one counts. */
function wholeOf(bytes: Buffer): UsageRead | null {
  if (!isCandidate(bytes, [OBJECT, LIST]) || !isUtf8(bytes)) return null;
  const value = parsed(bytes);
  const said: unknown = Array.isArray(value) ? value.at(-1) : value;
  return isObject(said) ? inKnownFormat(said) : null;
}

function lineOf(line: Buffer): UsageRead | null {
  if (!isCandidate(line, [OBJECT])) return null;
  if (!isUtf8(line)) return { kind: 'unusable', note: 'expected UTF-8 in the line with the usage, saw other bytes' };
  const said = parsed(line);
  if (said === undefined)
    return { kind: 'unusable', note: 'expected whole JSON in the line with the usage, saw a part' };
  return isObject(said) ? inKnownFormat(said) : null;
}

function isCandidate(bytes: Buffer, openings: readonly number[]): boolean {
  const first = bytes.find((byte) => byte > 0x20);
  return first !== undefined && openings.includes(first) && MARKS.some((mark) => bytes.includes(mark));
}

function inKnownFormat(said: Json): UsageRead | null {
  for (const format of FORMATS) {
    const read = format(said);
    if (read) return read;
  }
  return null;
}

/** @returns undefined for what is no JSON. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    // The parser has no other way to say so; nesting without end ends here as well.
    return undefined;
  }
}
