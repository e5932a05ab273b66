import { TestCounter } from '../../../src/infrastructure/processes/output/test-counter';
import { testsIn } from '../../../src/domain/witness/tally';

function counted(...chunks: readonly (string | Buffer)[]) {
  const counter = new TestCounter();
  for (const chunk of chunks) counter.take(Buffer.from(chunk));
  return testsIn([counter.result()]);
}

const CLOSING = 'Tests:       1 failed, 2 passed, 3 total';

describe('counting tests while output comes', () => {
  it('finds a summary however much is printed behind it', () => {
    const noise = Buffer.from(`${'x'.repeat(90)}\n`.repeat(10_000));
    expect(counted(`${CLOSING}\n`, ...Array.from({ length: 10 }, () => noise))).toMatchObject({ passed: 2, failed: 1 });
  });

  it('does not care where chunks begin and end', () => {
    const text = `é ${CLOSING.length}\n${CLOSING}\r\n  2 passing (3ms)\n`;
    const bytes = Buffer.from(text);
    const whole = counted(bytes);
    expect(whole).toMatchObject({ passed: 4, failed: 1, blocks: 2 });
    for (let at = 0; at <= bytes.length; at += 1)
      expect(counted(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
  });

  it('reads the last line without its end', () => {
    expect(counted(CLOSING)).toMatchObject({ executed: 3 });
  });

  it('sees through colours and what a line was written over with', () => {
    expect(counted(`\u001b[1mTests:\u001b[22m       \u001b[32m2 passed\u001b[39m, 2 total\n`)).toMatchObject({
      passed: 2,
    });
    expect(counted('running 1\rrunning 2\rOK (2 tests, 2 assertions)\n')).toMatchObject({ passed: 2 });
  });

  it('keeps nothing of a line without an end', () => {
    const endless = Buffer.alloc(1024 * 1024, 'x');
    const counter = new TestCounter();
    for (let times = 0; times < 20; times += 1) counter.take(endless);
    expect(JSON.stringify(counter).length).toBeLessThan(10_000);
    counter.take(Buffer.from(`\n${CLOSING}\n`));
    expect(testsIn([counter.result()])).toMatchObject({ executed: 3 });
  });

  it('takes bytes that are no text', () => {
    expect(counted(Buffer.from([0xff, 0xfe, 0x00, 0x0a]), `${CLOSING}\n`)).toMatchObject({ executed: 3 });
  });
});
