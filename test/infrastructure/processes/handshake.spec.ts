import { readHandshake } from '../../../src/infrastructure/processes/launch/handshake';
import { ProcessYard } from '../../support/process-yard';

const TIMES = '0m0.010000s 0m0.000000s\n1m2.500000s 0m0.250000s\n';

describe('what the wrapper says is read strictly', () => {
  test.each([
    ['nothing: it never got to the command', '', { kind: 'none' }],
    ['S alone: the command began and nobody lived to say how it ended', 'S\n', { kind: 'started' }],
    ['S and times: the last word is missing', `S\n${TIMES}`, { kind: 'started' }],
    ['S and F: no process left for the command', 'S\nF\n', { kind: 'not-forked' }],
    ['S and X', 'S\nX 0\n', { kind: 'exited', exitCode: 0, cpu: null, left: 0 }],
    [
      'S, times and X',
      `S\n${TIMES}X 3\n`,
      { kind: 'exited', exitCode: 3, cpu: { userMs: 62_500, sysMs: 250 }, left: 0 },
    ],
    [
      'a decimal comma, as some shells print it',
      'S\n0m0,0s 0m0,0s\n0m1,5s 0m0,0s\nX 0\n',
      {
        kind: 'exited',
        exitCode: 0,
        cpu: { userMs: 1_500, sysMs: 0 },
        left: 0,
      },
    ],
    ['S and X with who was left', 'S\nX 0 12 0 0\n', { kind: 'exited', exitCode: 0, cpu: null, left: 12 }],
    [
      'the CPU of who was left adds to what was waited for',
      `S\n${TIMES}X 0 2 100 7\n`,
      { kind: 'exited', exitCode: 0, cpu: { userMs: 63_500, sysMs: 320 }, left: 2 },
    ],
    ['the largest exit code', 'S\nX 255\n', { kind: 'exited', exitCode: 255, cpu: null, left: 0 }],
  ])('%s', (_case, text, handshake) => {
    expect(readHandshake(text)).toEqual(handshake);
  });

  test.each([
    ['a second last word', 'S\nX 0\nX 1\n'],
    ['an exit code that no process can have', 'S\nX 256\n'],
    ['a negative exit code', 'S\nX -1\n'],
    ['X without S', 'X 0\n'],
    ['S twice', 'S\nS\nX 0\n'],
    ['other bytes', 'S\nhello\nX 0\n'],
    ['a last word without its end', 'S\nX 0'],
    ['a failed fork after which it ran all the same', 'S\nF\nX 0\n'],
    ['a count that is no number', 'S\nX 0 many 0 0\n'],
    ['a count without CPU', 'S\nX 0 12\n'],
    ['an empty line', '\nS\nX 0\n'],
  ])('%s is forged', (_case, text) => {
    expect(readHandshake(text)).toMatchObject({ kind: 'forged' });
  });
});

describe('the channel of a real run', () => {
  const yard = new ProcessYard();
  afterAll(() => {
    yard.close();
  });

  test('the command does not get it', async () => {
    const run = await yard.run('test ! -e /proc/self/fd/3 && exit 7');
    expect(run).toMatchObject({ kind: 'executed', exitCode: 7 });
  });

  test('nor can it open it by way of its parent: the channel is a socket, which has no name', async () => {
    const run = await yard.run('printf "X 0\\n" > /proc/$PPID/fd/3 || exit 9');
    expect(run).toMatchObject({ kind: 'executed', exitCode: 9 });
  });

  test('a command that is a builtin of the shell is run as the program of that name', async () => {
    const run = await yard.run(['echo', 'a\\tb']);
    expect(Buffer.from(run.output.stdout.head).toString()).toBe('a\\tb\n');
  });

  test('CPU that was waited for is in the last word', async () => {
    const run = await yard.run('i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done');
    expect(run.usage.source).toBe('cutime');
    expect(run.usage.cpuUserMs + run.usage.cpuSysMs).toBeGreaterThan(50);
  });
});
