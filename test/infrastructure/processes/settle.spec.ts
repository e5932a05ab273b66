import fs, { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cookieIsolation } from '../../../src/infrastructure/processes/isolation/levels';
import { ProcessYard, textOf, until, type YardOptions } from '../../support/process-yard';

/** Promised on top of timeout and grace, for killing, draining, measuring and closing the log together. */
const SETTLE_MS = 3_000;
/** Which of the two it is depends on what else the machine does at the moment. */
const TIMEOUT = expect.stringMatching(/^timeout(_starved)?$/) as string;

const yard = new ProcessYard();
afterAll(() => {
  yard.close();
});
afterEach(() => {
  expect(yard.residents()).toEqual([]);
});

/** The bound is the product's, the tenth is for its timers, which follow each other; a busy machine holds ours up as well. */
function inTime<T>(run: Promise<T>, boundMs: number): Promise<T> {
  const late = new Promise<never>((_resolve, reject) =>
    setTimeout(reject, 1.1 * boundMs, new Error(`expected an end within ${boundMs} ms, saw none`)).unref(),
  );
  return Promise.race([run, late]);
}

describe('a run settles whatever its command does', () => {
  test('exit 0 with a child in the background that holds the pipe is exit 0, long before the time is up', async () => {
    const run = await yard.run('sleep 60 & echo done');
    expect(run).toMatchObject({ kind: 'executed', exitCode: 0, leaked: 1, survivors: 0 });
    expect(run.durationMs).toBeLessThan(10_000);
    expect(textOf(run.output.stdout.head)).toBe('done\n');
  });

  test('so it is when the child has left the session', async () => {
    const run = await yard.run('setsid sleep 60 & sleep 0.1; exit 3');
    expect(run).toMatchObject({ kind: 'executed', exitCode: 3, leaked: 1, survivors: 0 });
  });

  test('a pipe held by what this level cannot find is given up, and said to be held', async () => {
    const run = await yard.run('(env -i setsid sleep 60 &); sleep 0.3; echo bye; exit 4');
    const [daemon] = yard.residents();
    expect(run).toMatchObject({ kind: 'executed', exitCode: 4, pipeHeldOpen: true, containment: 'best-effort' });
    expect(textOf(run.output.stdout.head)).toBe('bye\n');
    expect(daemon).toMatchObject({ comm: 'sleep' });
    process.kill(daemon!.pid, 'SIGKILL');
    await until(() => yard.residents().length === 0);
  });

  test.each([
    ['it ignores TERM', 'trap "" TERM; while :; do sleep 0.05; done'],
    ['it has stopped itself', 'touch ready; kill -STOP $$; sleep 60'],
    ['it forks all the time', 'trap "" TERM; while :; do (sleep 0.2 &) ; sleep 0.01; done'],
    [
      'its children have left the session and ignore TERM',
      'setsid sh -c "trap \\"\\" TERM; sleep 60; sleep 60" & wait',
    ],
  ])('a timeout ends it in time although %s', async (_case, script) => {
    const [timeoutMs, graceMs] = [300, 200];
    const run = await inTime(yard.run(script, { timeoutMs, graceMs }), timeoutMs + graceMs + SETTLE_MS);
    expect(run).toMatchObject({ kind: 'tool_error', reason: TIMEOUT, survivors: 0 });
  });

  test('a run that honours TERM does not use up its grace', async () => {
    const run = await yard.run('sleep 60', { timeoutMs: 200, graceMs: 15_000 });
    expect(run).toMatchObject({ reason: TIMEOUT });
    expect(run.durationMs).toBeLessThan(10_000);
  });

  test('a stopped run is woken up to hear it', async () => {
    const run = await yard.run('kill -STOP $$; sleep 60', { timeoutMs: 300, graceMs: 15_000 });
    expect(run).toMatchObject({ reason: TIMEOUT });
    expect(run.durationMs).toBeLessThan(10_000);
  });

  test('it tidies up in its grace, and is asked only once', async () => {
    const script =
      'trap "echo asked >> asked; sleep 0.2; touch tidied; exit 0" TERM; touch up; while :; do sleep 0.05; done';
    const run = await yard.run(script, { timeoutMs: 400, graceMs: 10_000 });
    expect(run).toMatchObject({ reason: TIMEOUT });
    expect(yard.text('tidied')).toBe('');
    expect(yard.text('asked')).toBe('asked\n');
  });

  test('what it says after the time is up does not make it green', async () => {
    const run = await yard.run('trap "exit 0" TERM; while :; do sleep 0.05; done', { timeoutMs: 300, graceMs: 10_000 });
    expect(run).toMatchObject({ kind: 'tool_error', reason: TIMEOUT, executed: 'partially' });
  });

  test('an end that came in time counts, also when we were too busy to notice', async () => {
    const running = yard.run('touch going; sleep 0.3; exit 0', { timeoutMs: 1_500 });
    await yard.saw('going');
    // After the input of this turn, before the timers of the next.
    await new Promise((done) => setImmediate(done));
    const busyUntil = performance.now() + 2_000;
    while (performance.now() < busyUntil);
    expect(await running).toMatchObject({ kind: 'executed', exitCode: 0 });
  });

  test('output that had arrived by then counts too', async () => {
    const running = yard.run('head -c 60000 /dev/zero; touch written; exit 0');
    await yard.saw('written');
    for (let i = 0; i < 3; i += 1) {
      const busyUntil = performance.now() + 300;
      while (performance.now() < busyUntil);
      await delay(0);
    }
    expect((await running).output.stdout.totalBytes).toBe(60_000);
  });
});

describe('a run that is told to stop', () => {
  test('stops, and is no verdict', async () => {
    const stop = new AbortController();
    const running = yard.run('touch begun; sleep 60', { signal: stop.signal });
    await yard.saw('begun');
    stop.abort();
    expect(await running).toMatchObject({
      kind: 'tool_error',
      reason: 'aborted',
      executed: 'partially',
      retryable: false,
    });
  });

  test('does not start when it was told so before', async () => {
    const run = await yard.run('touch started', { signal: AbortSignal.abort() });
    expect(run).toMatchObject({ kind: 'tool_error', reason: 'aborted', executed: false });
    expect(() => yard.text('started')).toThrow();
  });

  test('leaves nothing behind at whatever moment of its start that comes', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const stop = new AbortController();
      const running = yard.run('sleep 60 & setsid sleep 60 & wait', { signal: stop.signal, graceMs: 100 });
      if (turn > 0) await delay(turn);
      stop.abort();
      expect(await running).toMatchObject({ kind: 'tool_error', reason: 'aborted', survivors: 0 });
    }
  });
});

test('a hundred processes of a tree end', async () => {
  const tree =
    'n=0; while [ $n -lt 10 ]; do sh -c "for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait" & n=$((n+1)); done; wait';
  const running = yard.run(tree, { timeoutMs: 2_500, graceMs: 2_000 });
  await until(() => yard.residents().length >= 100);
  expect(await running).toMatchObject({ reason: TIMEOUT, survivors: 0 });
});

test('not even one that cannot be killed, writes all the time and logs to a disk that hangs exceeds the bound', async () => {
  const logFile = join(yard.root, 'hanging-disk');
  const openFile = fs.open;
  const disk = jest.spyOn(fs, 'open').mockImplementation(((path: string, ...rest: [never, never, never]) => {
    if (path !== logFile) openFile(path, ...rest);
  }) as typeof fs.open);
  const immortal: YardOptions['isolation'] = (scanner) => ({
    ...cookieIsolation(scanner),
    askToEnd: () => undefined,
    kill: () => undefined,
  });
  const other = new ProcessYard({ isolation: immortal });
  try {
    const [timeoutMs, graceMs] = [300, 200];
    const running = other.run('while :; do echo more; sleep 0.02; done', { timeoutMs, graceMs, logFile });
    const run = await inTime(running, timeoutMs + graceMs + SETTLE_MS);
    expect(run).toMatchObject({ reason: TIMEOUT, pipeHeldOpen: true });
    expect(run.logFault).toContain('the disk does not take it');
    expect(run.survivors).toBeGreaterThan(0);
  } finally {
    disk.mockRestore();
    other.close();
  }
});

describe('the output of a run', () => {
  test('goes into pipes, which a script may open by their names', async () => {
    const run = await yard.run('echo out >/dev/stdout; echo err >/dev/stderr; echo more >>/proc/self/fd/1');
    expect(run).toMatchObject({ kind: 'executed', exitCode: 0, pipeHeldOpen: false });
    expect(textOf(run.output.stdout.head)).toBe('out\nmore\n');
    expect(textOf(run.output.stderr.head)).toBe('err\n');
  });

  test('stays apart from that of others that run at the same time', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `run ${index}`);
    const runs = await Promise.all(texts.map((text) => yard.run(`echo ${text} >/dev/stdout`)));
    expect(runs.map(({ output }) => textOf(output.stdout.head))).toEqual(texts.map((text) => `${text}\n`));
    // The next pipes are made in the background, and have names for a moment.
    await until(() => readdirSync(join(yard.stateDir, 'runs')).length === 0);
  });
});
