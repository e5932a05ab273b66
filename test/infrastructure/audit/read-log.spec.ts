import { createHash } from 'node:crypto';
import type { MovableEvent } from '../../../src/application/audit/event-line';
import { eventLine } from '../../../src/application/audit/event-line';
import { linesOf } from '../../../src/infrastructure/audit/lines';
import { readLog } from '../../../src/infrastructure/audit/read-log';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { chunksOf, exported } from '../../contract/event-store/moving.contract';
import { ChainedLog } from '../../support/chained-log';

let log: string;
let lines: readonly string[];

beforeAll(async () => {
  const store = new MemoryEventStore();
  await new ChainedLog(store).fill(20, 3);
  log = await exported(store);
  lines = log.trimEnd().split('\n');
});

async function read(text: string | Buffer, size?: number): Promise<MovableEvent[]> {
  const events: MovableEvent[] = [];
  const chunks = typeof text === 'string' ? chunksOf(text, size) : one(text);
  for await (const event of readLog(linesOf(chunks), new NodeHasher())) events.push(event);
  return events;
}

async function* one(chunk: Buffer): AsyncGenerator<Buffer> {
  yield chunk;
}

/** The log with one line of an event changed, and the last line as somebody would write it who knows how. */
function withEvent(at: number, change: (event: Record<string, unknown>) => unknown): string {
  const changed = lines.map((line, index) =>
    index === at ? eventLine(change(JSON.parse(line) as Record<string, unknown>) as MovableEvent) : line,
  );
  return resealed(changed);
}

function resealed(changed: readonly string[]): string {
  const events = changed.slice(1, -1);
  const sha256 = createHash('sha256')
    .update(events.map((line) => `${line}\n`).join(''))
    .digest('hex');
  return [changed[0], ...events, `{"stagegate":"end","events":${events.length},"sha256":"${sha256}"}`, ''].join('\n');
}

test('a log is read as it was written, in whatever pieces it comes', async () => {
  const whole = await read(log);
  expect(whole.map(eventLine)).toEqual(lines.slice(1, -1));
  for (const size of [1, 2, 7, 1_000]) expect(await read(log, size)).toEqual(whole);
});

test('the digest of the last line is that of the lines between', () => {
  expect(resealed(lines)).toBe(log);
});

test('the line break behind the last line may be missing', async () => {
  expect(await read(log.trimEnd())).toHaveLength(20);
});

test('an empty log has a first and a last line', async () => {
  expect(await read(await exported(new MemoryEventStore()))).toEqual([]);
});

describe('is refused in one line:', () => {
  const without = (from: number, count: number) => lines.filter((_, at) => at < from || at >= from + count);
  const text = (all: readonly string[]) => `${all.join('\n')}\n`;
  const cases: readonly [name: string, make: () => string | Buffer, says: RegExp][] = [
    ['an empty file', () => '', /^line 1: expected .*, saw an empty file/],
    ['another file', () => 'hello\n', /^line 1: expected .*, saw "hello"; it is no log of stagegate audit export$/],
    ['no JSON', () => Buffer.from([0x1f, 0x8b, 8, 0, 10]), /^line 1: expected UTF-8, saw other bytes/],
    [
      'another format',
      () => log.replace('"format":1', '"format":2'),
      /^line 1: expected format 1, saw format 2; import it with a program of the version that wrote it$/,
    ],
    [
      'a file cut between two lines',
      () => text(lines.slice(0, 9)),
      /saw the end of the file after 8 events: it was cut/,
    ],
    ['a file cut within a line', () => log.slice(0, 2_000), /saw the end of the file after \d+ events: it was cut/],
    ['a file cut within the last line', () => log.slice(0, -20), /^line 22: expected \{"stagegate":"end".*, saw \{/],
    ['the first line alone', () => text(lines.slice(0, 1)), /after 0 events: it was cut/],
    ['a line that is no JSON', () => text(lines.with(5, '{"data"')), /^line 6: expected an event .* saw "\{/],
    [
      'a line that is spelt otherwise',
      () => text(lines.with(5, lines[5]!.replace('"data":', '"data": '))),
      /^line 6: expected an event as stagegate audit export writes it/,
    ],
    ['line breaks of another system', () => text(lines).replaceAll('\n', '\r\n'), /^line 1: expected/],
    [
      'a member more',
      () => resealed(lines.with(3, lines[3]!.replace('}', '},"more":1'))),
      /^line 4: expected an event/,
    ],
    ['a missing event', () => resealed(without(8, 1)), /expected revision \d+ of task-web\.t\d, saw \d+; the log was/],
    [
      'two events of a stream exchanged',
      () => {
        const at = lines.findIndex((line, i) => /"revision":"0"/.test(line) && /"revision":"1"/.test(lines[i + 1]!));
        return resealed(lines.with(at, lines[at + 1]!).with(at + 1, lines[at]!));
      },
      /expected revision 0 of task-web\.t\d, saw 1/,
    ],
    ['an event twice', () => resealed(lines.toSpliced(4, 0, lines[3]!)), /^line 5: expected revision/],
    [
      'changed data, even with a digest that fits',
      () => withEvent(4, (event) => ({ ...event, data: { other: true } })),
      /^line 5: expected task-web\.t\d \d+ to carry the hash of itself and of the event before it, saw another one/,
    ],
    [
      'a changed time',
      () =>
        withEvent(4, (event) => ({ ...event, meta: { ...(event['meta'] as object), at: '2020-01-01T00:00:00.000Z' } })),
      /^line 5: .* to carry the hash/,
    ],
    ['a changed id', () => withEvent(4, (event) => ({ ...event, id: crypto.randomUUID() })), /^line 5: .* the hash/],
    ['a missing end of a stream', () => text(without(20, 1)), /^line 21: expected 20 events before it, saw 19/],
    [
      'another digest',
      () => log.replace(/"sha256":"\w{4}/, '"sha256":"0000'),
      /^line 22: expected \{.*\}, saw \{.*"sha256":"0000/,
    ],
    ['something behind the end', () => `${log}${lines[1]}\n`, /^line 23: expected nothing behind the last line/],
    [
      'a line without end',
      () => Buffer.alloc(3 * 1024 * 1024, 'x'),
      /^line 1: expected at most 2097152 bytes, saw more/,
    ],
  ];

  test.each(cases)('%s', async (_, make, says) => {
    const refusal = read(make());
    await expect(refusal).rejects.toMatchObject({ name: 'LogRefused' });
    await expect(refusal).rejects.toThrow(says);
    const { message } = (await refusal.catch((error: unknown) => error)) as Error;
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(400);
  });
});
