import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BARE_SIGNAL, FAILURE_STEPS, type FailureSignal } from '../../src/domain/failures/failure-signal';
import { FAILURE_CLASSES, type FailureClass } from '../../src/domain/merge/failure-class';

/** One run that failed: what it printed last, what it ended with, and what that means. */
export interface CorpusCase {
  /** Below `test/fixtures/failures/`: `pytest/no-tests.txt`. */
  readonly file: string;
  readonly tool: string;
  readonly class: FailureClass;
  readonly signal: FailureSignal;
  /** `ran`: made by running the tool; `written`: by hand, after what `source` documents. */
  readonly origin: 'ran' | 'written';
  readonly source: string;
}

export const CORPUS_FOLDER = resolve(__dirname, '../fixtures/failures');
const HEAD_END = '---\n';

export function corpus(): readonly CorpusCase[] {
  return readdirSync(CORPUS_FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.txt'))
    .map((entry) => relative(CORPUS_FOLDER, join(entry.parentPath, entry.name)))
    .sort()
    .map(caseOf);
}

function caseOf(file: string): CorpusCase {
  const text = readFileSync(join(CORPUS_FOLDER, file), 'utf8');
  const end = text.indexOf(HEAD_END);
  const head = new Map(text.slice(0, end).split('\n').filter(Boolean).map(pairOf));
  const value = (name: string): string => {
    const found = head.get(name);
    if (found === undefined) throw new Error(`${file}: expected a line "${name}: …", saw none`);
    return found;
  };
  const origin = among(['ran', 'written'] as const, value('origin'), file);
  return {
    file,
    tool: file.split('/')[0] ?? '',
    class: among(FAILURE_CLASSES, value('class'), file),
    origin,
    source: value(origin === 'ran' ? 'with' : 'after'),
    signal: {
      ...BARE_SIGNAL,
      step: among(FAILURE_STEPS, value('step'), file),
      command: head.get('command') ?? null,
      exitCode: head.has('exit') ? Number(value('exit')) : null,
      reason: head.get('reason') ?? null,
      isOomKilled: head.get('oom') === 'yes',
      output: [text.slice(end + HEAD_END.length)],
    },
  };
}

function pairOf(line: string): readonly [string, string] {
  const at = line.indexOf(': ');
  return [line.slice(0, at), line.slice(at + 2)];
}

function among<T extends string>(names: readonly T[], name: string, file: string): T {
  const found = names.find((known) => known === name);
  if (found === undefined) throw new Error(`${file}: expected one of ${names.join(', ')}, saw ${name}`);
  return found;
}
