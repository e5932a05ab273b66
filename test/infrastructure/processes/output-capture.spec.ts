import { createHash, randomBytes } from 'node:crypto';
import { OutputCapture } from '../../../src/infrastructure/processes/output/output-capture';
import { ProcessYard } from '../../support/process-yard';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('head, tail, count and digest', () => {
  const bytes = randomBytes(5_000);

  test.each([
    ['all of it in the head', 10_000, 10],
    ['split between head and tail', 3_000, 3_000],
    ['a gap in the middle', 100, 300],
    ['no head', 0, 300],
    ['no tail', 300, 0],
    ['nothing kept', 0, 0],
    ['tail as long as a chunk', 10, 700],
  ])('%s, in chunks of any size', (_case, head, tail) => {
    for (const size of [1, 7, 700, 5_000]) {
      const capture = new OutputCapture(head, tail);
      for (let at = 0; at < bytes.length; at += size) capture.take(bytes.subarray(at, at + size));
      const kept = bytes.length - Math.min(head, bytes.length);
      const result = capture.result();
      expect(Buffer.compare(result.head, bytes.subarray(0, head))).toBe(0);
      expect(Buffer.compare(result.tail, bytes.subarray(bytes.length - Math.min(tail, kept)))).toBe(0);
      expect(result).toMatchObject({ totalBytes: bytes.length, sha256: sha256(bytes) });
      expect(result.truncated).toBe(head + tail < bytes.length);
    }
  });

  test('what is kept does not change when the chunk it came in does', () => {
    const chunk = Buffer.from('abcdef');
    const capture = new OutputCapture(3, 3);
    capture.take(chunk);
    chunk.fill(0);
    expect(Buffer.from(capture.result().head).toString()).toBe('abc');
    expect(Buffer.from(capture.result().tail).toString()).toBe('def');
  });

  test('nothing came', () => {
    const result = new OutputCapture(10, 10).result();
    expect(result).toMatchObject({ totalBytes: 0, truncated: false, sha256: sha256(new Uint8Array()) });
  });
});

describe('output of real runs', () => {
  const yard = new ProcessYard();
  afterAll(() => {
    yard.close();
  });

  test('a megabyte of random bytes comes back unchanged', async () => {
    const run = await yard.run('head -c 1000000 /dev/urandom | tee copy', {
      maxHeadBytes: 600_000,
      maxTailBytes: 600_000,
    });
    const { head, tail, sha256: digest, totalBytes, truncated } = run.output.stdout;
    const copy = Buffer.concat([head, tail]);
    expect({ totalBytes, truncated, digest }).toEqual({
      totalBytes: 1_000_000,
      truncated: false,
      digest: sha256(copy),
    });
    const check = await yard.run(['sha256sum', 'copy']);
    expect(Buffer.from(check.output.stdout.head).toString()).toContain(digest);
  });

  test('100 MB without a newline: counted, hashed, not blocked, exit code true', async () => {
    const run = await yard.run('head -c 100000000 /dev/zero; exit 5', { timeoutMs: 60_000 });
    const zeros = Buffer.alloc(1_000_000);
    const hash = createHash('sha256');
    for (let i = 0; i < 100; i += 1) hash.update(zeros);
    expect(run).toMatchObject({ kind: 'executed', exitCode: 5 });
    expect(run.output.stdout).toMatchObject({ totalBytes: 100_000_000, truncated: true, sha256: hash.digest('hex') });
    expect(run.output.stdout.head).toHaveLength(512 * 1024);
    expect(run.output.stdout.tail).toHaveLength(512 * 1024);
  });

  test('the two streams are kept apart', async () => {
    const run = await yard.run('echo out; echo err >&2');
    expect(Buffer.from(run.output.stdout.head).toString()).toBe('out\n');
    expect(Buffer.from(run.output.stderr.head).toString()).toBe('err\n');
  });

  test('whoever reads stdin gets its end at once', async () => {
    const run = await yard.run('cat; read line || exit 6');
    expect(run).toMatchObject({ kind: 'executed', exitCode: 6 });
  });
});
