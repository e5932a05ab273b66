import type { Finding } from '../../../src/application/audit/verify/finding';
import { verifyLog } from '../../../src/application/audit/verify/verify-log';
import { examineFile } from '../../../src/infrastructure/audit/examine-file';
import { linesOf } from '../../../src/infrastructure/audit/lines';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { chunksOf, exported } from '../../contract/event-store/moving.contract';
import { ChainedLog } from '../../support/chained-log';

let log: string;
let lines: readonly string[];

beforeAll(async () => {
  const store = new MemoryEventStore();
  const chained = new ChainedLog(store);
  // Of a stream that only its hashes tell about, so that what is found is found in the file.
  for (let turn = 0; turn < 20; turn += 1) await chained.append(`other-${turn % 3}`, { turn, text: 'ä "x"' });
  log = await exported(store);
  lines = log.trimEnd().split('\n');
});

async function found(text: string | Buffer): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const chunks = typeof text === 'string' ? chunksOf(text, 1_000) : one(text);
  const listener = { found: (each: Finding) => findings.push(each), progress: () => undefined };
  await verifyLog(examineFile(linesOf(chunks)), new NodeHasher(), listener);
  return findings;
}

async function* one(chunk: Buffer): AsyncGenerator<Buffer> {
  yield chunk;
}

const text = (all: readonly string[]) => `${all.join('\n')}\n`;
const shown = (findings: readonly Finding[]) =>
  findings.map(({ check, place, text: said }) => `${check} ${place}: ${said.slice(0, 60)}`);

test('a file that nobody has touched has no finding, with or without its last line break', async () => {
  expect(await found(log)).toEqual([]);
  expect(await found(log.trimEnd())).toEqual([]);
});

describe('is named, and what stands behind it is read:', () => {
  const cases: readonly [name: string, make: () => string | Buffer, finds: readonly string[]][] = [
    ['an empty file', () => '', ['file 0: expected a last line with the number of events, saw the end']],
    ['a line that is no JSON', () => text(lines.with(5, '{"data"')), ['file 6: expected an event, saw "{\\"data\\""']],
    [
      'a line that is spelt otherwise',
      () => text(lines.with(5, lines[5]!.replace('"data":', '"data": '))),
      ['file 6: expected an event as it is spelt, saw another spelling of it'],
    ],
    [
      'nesting beyond any event',
      () => text(lines.with(5, `{"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)),
      ['file 6: expected an event, saw "{\\"data\\":'],
    ],
    [
      'bytes that are no text',
      () =>
        Buffer.concat([
          Buffer.from(text(lines.slice(0, 5))),
          Buffer.from([0xff, 10]),
          Buffer.from(text(lines.slice(6))),
        ]),
      ['file 6: expected UTF-8, saw other bytes'],
    ],
    [
      'a line beyond any event',
      () => text(lines.with(5, 'x'.repeat(3 * 1024 * 1024))),
      ['file 6: expected at most 2097152 bytes, saw more'],
    ],
    [
      'a cut between two lines',
      () => text(lines.slice(0, 9)),
      ['file 9: expected a last line with the number of events, saw the end'],
    ],
    ['a cut within a line', () => log.slice(0, 2_000), ['saw the end']],
    [
      'another first line',
      () => text(lines.with(0, '{"stagegate":"log","format":2}')),
      ['file 1: expected {"stagegate":"log","format":1}'],
    ],
    ['something behind the end', () => `${log}${lines[1]}\n`, ['file 23: expected nothing behind the last line']],
    [
      'two lines of different streams exchanged',
      () => text(lines.with(1, lines[2]!).with(2, lines[1]!)),
      ['file 22: expected {"stagegate":"end"'],
    ],
    ['a line twice', () => text(lines.toSpliced(4, 0, lines[3]!)), ['sequence 5: expected revision', 'file 23: ']],
    [
      'a line taken out',
      () => text(lines.toSpliced(4, 1)),
      ['sequence 7: expected revision 1 of its stream, saw 2', 'file 21: '],
    ],
  ];

  test.each(cases)('%s', async (_, make, finds) => {
    const said = shown(await found(make()));
    for (const each of finds) expect(said).toContainEqual(expect.stringContaining(each));
  });

  test('an edited event, by its own line', async () => {
    const edited = lines[8]!.replace('"turn":7', '"turn":8');
    expect(edited).not.toBe(lines[8]);
    expect(shown(await found(text(lines.with(8, edited))))).toEqual([
      'chain 9: expected the hash of itself and of the event before it, saw ',
      expect.stringMatching(/^file 22: expected/),
    ]);
  });
});
