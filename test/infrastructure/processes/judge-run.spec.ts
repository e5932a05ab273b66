import { judgeRun, spawnFailed, type RunEvidence } from '../../../src/infrastructure/processes/judge-run';

const GREEN: RunEvidence = {
  handshake: { kind: 'exited', exitCode: 0, cpu: null, left: 0 },
  killedFor: null,
  exitCode: 0,
  signal: null,
  complaint: '',
  toolErrorExitCodes: [126, 127],
  witnessFault: null,
  isStarved: false,
  isOomKilled: false,
  measured: [],
};

function exited(exitCode: number, more: Partial<RunEvidence> = {}) {
  return judgeRun({ ...GREEN, handshake: { kind: 'exited', exitCode, cpu: null, left: 0 }, exitCode, ...more });
}

describe('what counts as executed', () => {
  test.each([0, 1, 2, 42, 125, 128, 131, 141, 154, 255])('exit code %i', (exitCode) => {
    expect(exited(exitCode)).toEqual({ kind: 'executed', exitCode });
  });

  test.each([
    [132, 'SIGILL'],
    [134, 'SIGABRT'],
    [135, 'SIGBUS'],
    [136, 'SIGFPE'],
    [139, 'SIGSEGV'],
  ])('exit code %i is a crash of the suite itself, and red', (exitCode, crashSignal) => {
    expect(exited(exitCode)).toEqual({ kind: 'executed', exitCode, crashSignal });
  });

  test('a witness that was seen changes nothing', () => {
    expect(exited(0, { witnessFault: null })).toEqual({ kind: 'executed', exitCode: 0 });
    expect(exited(1, { witnessFault: null })).toEqual({ kind: 'executed', exitCode: 1 });
  });

  test('other exit codes than 0 and 1 need no witness: a tool that reports by code did run', () => {
    expect(exited(2, { witnessFault: 'there is none' })).toEqual({ kind: 'executed', exitCode: 2 });
  });
});

describe('what does not count', () => {
  test.each([129, 130, 137, 143, 152, 153])('exit code %i: somebody else ended it', (exitCode) => {
    expect(exited(exitCode)).toMatchObject({
      kind: 'tool_error',
      reason: 'killed_externally',
      executed: 'partially',
      retryable: true,
    });
  });

  test.each([
    [126, 'not_executable'],
    [127, 'command_not_found'],
  ])('exit code %i: it did not execute, and waiting does not help', (exitCode, reason) => {
    expect(exited(exitCode)).toMatchObject({ kind: 'tool_error', reason, retryable: false });
  });

  test('which exit codes mean that can be set, and 127 is an ordinary red then', () => {
    expect(exited(99, { toolErrorExitCodes: [99] })).toMatchObject({ reason: 'command_not_found' });
    expect(exited(127, { toolErrorExitCodes: [] })).toEqual({ kind: 'executed', exitCode: 127 });
  });

  test.each([0, 1])('exit code %i without the configured witness: no tests ran', (exitCode) => {
    expect(exited(exitCode, { witnessFault: 'there is none' })).toMatchObject({
      reason: 'no_tests_ran',
      retryable: true,
    });
  });

  test('the time was up', () => {
    const started = { ...GREEN, handshake: { kind: 'started' } as const, killedFor: 'timeout' as const };
    expect(judgeRun(started)).toMatchObject({ reason: 'timeout', executed: 'partially', retryable: true });
    expect(judgeRun({ ...started, isStarved: true })).toMatchObject({ reason: 'timeout_starved', retryable: true });
  });

  test('our kill wins over whatever the command said after it', () => {
    for (const exitCode of [0, 1, 143]) {
      expect(exited(exitCode, { killedFor: 'timeout' })).toMatchObject({ reason: 'timeout' });
      expect(exited(exitCode, { killedFor: 'aborted' })).toMatchObject({ reason: 'aborted', retryable: false });
    }
  });

  test('killed before it began: nothing was executed', () => {
    const early = judgeRun({ ...GREEN, handshake: { kind: 'none' }, killedFor: 'aborted' });
    expect(early).toMatchObject({ reason: 'aborted', executed: false });
  });

  test('forged words are our fault to sort out, even when we killed it', () => {
    const handshake = { kind: 'forged', bytes: '"X 0"' } as const;
    expect(judgeRun({ ...GREEN, handshake })).toMatchObject({ reason: 'internal', executed: 'partially' });
    expect(judgeRun({ ...GREEN, handshake, killedFor: 'timeout' })).toMatchObject({ reason: 'internal' });
  });

  test('no first word: the isolation did not come about', () => {
    const none = { ...GREEN, handshake: { kind: 'none' } as const, exitCode: 125 };
    expect(judgeRun(none)).toMatchObject({ reason: 'isolation_unavailable', executed: false, retryable: true });
    const denied = judgeRun({ ...none, complaint: 'unshare: unshare failed: Operation not permitted' });
    expect(denied).toMatchObject({ reason: 'isolation_unavailable' });
    expect(denied).toHaveProperty('evidence', expect.arrayContaining([expect.stringContaining('not permitted')]));
  });

  test.each(['unshare: fork failed: Resource temporarily unavailable', 'sh: 1: Cannot fork'])(
    'no first word and «%s»: the machine was at its limit',
    (complaint) => {
      const early = judgeRun({ ...GREEN, handshake: { kind: 'none' }, exitCode: 1, complaint });
      expect(early).toMatchObject({ reason: 'resource_exhausted', executed: false, retryable: true });
    },
  );

  test('the shell could not fork: the machine was at its limit', () => {
    const early = judgeRun({ ...GREEN, handshake: { kind: 'not-forked' }, exitCode: 2 });
    expect(early).toMatchObject({ reason: 'resource_exhausted', executed: false, retryable: true });
  });

  test('no last word: killed from outside', () => {
    const cut = judgeRun({ ...GREEN, handshake: { kind: 'started' }, exitCode: null, signal: 'SIGKILL' });
    expect(cut).toMatchObject({ reason: 'killed_externally', executed: 'partially', retryable: true });
    expect(cut).toHaveProperty('evidence', [expect.stringContaining('SIGKILL')]);
  });
});

describe('what the operating system says at the spawn', () => {
  test.each(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT'])('%s may pass', (errno) => {
    expect(spawnFailed(errno)).toMatchObject({ reason: 'resource_exhausted', executed: false, retryable: true, errno });
  });

  test('E2BIG does not', () => {
    expect(spawnFailed('E2BIG')).toMatchObject({ reason: 'bad_spec', retryable: false });
  });

  test('anything else means that the launch line cannot be used here', () => {
    expect(spawnFailed('ENOENT')).toMatchObject({ reason: 'isolation_unavailable', retryable: true });
  });
});
