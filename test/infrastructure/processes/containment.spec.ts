import { ProcessYard, until } from '../../support/process-yard';

const yard = new ProcessYard();
afterAll(() => {
  yard.close();
});

describe('own session and cookie', () => {
  test.each([
    ['a daemon in a session of its own', '(setsid sleep 60 &); sleep 0.2'],
    ['a wiped environment in the same session', 'env -i sleep 60 & sleep 0.2'],
    ['a wiped environment in a process group of its own', 'set -m; env -i sleep 60 & sleep 0.2'],
    ['a grandchild that was given away to init', 'sh -c "sleep 60 & exit 0"; sleep 0.2'],
    ['a stopped child', 'sleep 60 & kill -STOP $!; sleep 0.2'],
  ])('find %s also after a green run', async (_case, script) => {
    const run = await yard.run(script);
    expect(run).toMatchObject({ kind: 'executed', exitCode: 0, leaked: 1, survivors: 0, isolation: 'L1-cookie' });
    expect(yard.residents()).toEqual([]);
  });

  test('find what wiped its environment and left the session while its parent lives', async () => {
    const run = await yard.run('env -i setsid sh -c "sleep 60; true" & sleep 60', { timeoutMs: 500, graceMs: 100 });
    expect(run.survivors).toBe(0);
    expect(yard.residents()).toEqual([]);
  });

  test('do not take the processes of another run for their own', async () => {
    const other = yard.run('touch other; while [ ! -e stop ]; do sleep 0.02; done; exit 5');
    await yard.saw('other');
    await yard.run('sleep 60 & exit 0');
    await yard.run('sleep 60', { timeoutMs: 200, graceMs: 100 });
    await yard.run(['touch', 'stop']);
    expect(await other).toMatchObject({ kind: 'executed', exitCode: 5 });
  });

  test('a script that kills its own process group ends as it says', async () => {
    const run = await yard.run(`trap '' TERM; kill -TERM 0; exit 6`);
    expect(run).toMatchObject({ kind: 'executed', exitCode: 6 });
  });

  test('a run inside a run is ended with the outer one, and both are told apart', async () => {
    // The inner command as an inner runner would start it: with a cookie of its own and the outer one in the second variable.
    const spec = yard.spec('(SG_OUTER="elsewhere,$SG_RUN" SG_RUN=inner setsid sleep 60 &); sleep 0.2');
    expect(await yard.runner.run(spec)).toMatchObject({ exitCode: 0, leaked: 1 });
    expect(yard.residents()).toEqual([]);
  });

  test('a cookie that only begins like ours is not ours', async () => {
    const stranger = yard.run('touch stranger; sleep 60', { cookie: 'abcdef', timeoutMs: 15_000, graceMs: 100 });
    await yard.saw('stranger');
    await yard.run('true', { cookie: 'abc' });
    const stillThere = yard.residents().length;
    yard.clear();
    expect(await stranger).toMatchObject({ reason: 'killed_externally' });
    expect(stillThere).toBeGreaterThan(0);
  });

  test('fifty runs leave no zombie of ours', async () => {
    await Promise.all(Array.from({ length: 50 }, () => yard.run('sleep 60 & exit 0')));
    await until(() => yard.residents().length === 0);
    const children = (await yard.run(`ps -o stat= --ppid ${process.pid}`)).output.stdout;
    expect(Buffer.from(children.head).toString()).not.toMatch(/^Z/m);
  });
});

describe('with the tree kill switched off', () => {
  const plain = new ProcessYard({ treeKill: false });
  afterAll(() => {
    plain.close();
  });

  test('the command itself is ended and nothing else, and the result says so', async () => {
    const run = await plain.run('sleep 60 & touch up; exec sleep 61', { timeoutMs: 400, graceMs: 5_000 });
    expect(run).toMatchObject({ kind: 'tool_error', isolation: 'none', containment: 'best-effort' });
    expect(run.durationMs).toBeLessThan(5_000);
    expect(plain.residents()).toEqual([expect.objectContaining({ comm: 'sleep' })]);
    plain.clear();
  });

  test.each([
    ['exit 0', { kind: 'executed', verdict: 'pass', exitCode: 0 }],
    ['exit 3', { kind: 'executed', verdict: 'fail', exitCode: 3 }],
    ['kill -SEGV $$', { kind: 'executed', verdict: 'fail', crashSignal: 'SIGSEGV' }],
    ['kill -KILL $$', { kind: 'tool_error', reason: 'killed_externally' }],
    ['exec /no/such/program', { kind: 'tool_error', reason: 'command_not_found' }],
  ])('%s means the same as ever', async (script, result) => {
    expect(await plain.run(script)).toMatchObject(result);
  });

  test('a demand for isolation is refused before anything starts', async () => {
    const run = await plain.run('touch ran', { minIsolation: 'L1' });
    expect(run).toMatchObject({ reason: 'isolation_too_weak', executed: false, retryable: false });
    expect(() => plain.text('ran')).toThrow();
  });
});

test('whole runs are ended or not run by run, as each of them says', async () => {
  expect(await yard.run('exit 0', { treeKill: false })).toMatchObject({ kind: 'executed', isolation: 'none' });
  expect(await yard.run('exit 0', { treeKill: false, minIsolation: 'L1' })).toMatchObject({
    reason: 'isolation_too_weak',
  });
  expect(await yard.run('exit 0')).toMatchObject({ kind: 'executed', isolation: 'L1-cookie' });
});

test('a demand that this machine meets is no obstacle', async () => {
  expect(await yard.run('exit 0', { minIsolation: 'L1' })).toMatchObject({ kind: 'executed' });
});
