// The cost of one staging run around git and the suite itself: `node bench/staging.mjs '<job>'` prints one record.
import { spawn } from 'node:child_process';
import { load1, removeFolder, workFolder } from './lib/machine.mjs';
import { BENCH } from './lib/principal.mjs';
import { product } from './lib/product.mjs';
import { atRest, projectsOf, startService } from './lib/service.mjs';
import { smallRepository } from './lib/small-repository.mjs';
import { median, rounded } from './lib/stats.mjs';
import { watchedGit } from './lib/watched-git.mjs';

/** Red, so that the task rests right after its verdict and nothing else runs beside the next one. */
const SUITE = 'exit 1';
const { runs = 20 } = JSON.parse(process.argv[2] ?? '{}');
const dir = workFolder();
const loadBefore = load1();
try {
  const samples = await measure();
  const of = (pick) => rounded(median(samples.map(pick)));
  const record = {
    type: 'staging-run',
    runs: samples.length,
    overhead_ms: of(overhead),
    overhead_all_ms: samples.map((sample) => rounded(overhead(sample))),
    saga_ms: of(({ sagaMs }) => sagaMs),
    git_ms: of(({ gitMs }) => gitMs),
    bare_ms: of(({ bareMs }) => bareMs),
    runner_ms: of(({ runnerMs }) => runnerMs),
    remove_clone_ms: of(({ disposeMs }) => disposeMs),
    claim_to_verdict_ms: of(({ jobMs }) => jobMs),
    service_cpu_ms: of(({ cpuMs }) => cpuMs),
    load1: [loadBefore, load1()],
    ...verdict(samples),
  };
  process.stdout.write(`${JSON.stringify(record)}\n`);
} finally {
  removeFolder(dir);
}

/** Wall time of the saga without its git commands and without what the command takes by itself. */
function overhead({ sagaMs, gitMs, bareMs }) {
  return sagaMs - gitMs - bareMs;
}

function verdict(samples) {
  const wrong = samples.filter(
    ({ verdicts, exitCode, faults }) => verdicts !== 1 || exitCode !== 1 || faults.length > 0,
  );
  if (wrong.length === 0) return { valid: true, why_invalid: null };
  const faults = wrong
    .flatMap((sample) => sample.faults)
    .map(({ step, reason, evidence }) => `${step}: ${reason} (${evidence})`);
  return { valid: false, why_invalid: [`${wrong.length} runs without exactly one red verdict`, ...faults].join('; ') };
}

async function measure() {
  const repo = smallRepository(dir);
  const { LocalGitWorkspace } = product('infrastructure/git/local-git-workspace.js');
  const { createProcessRunner } = product('infrastructure/processes/create-process-runner.js');
  const { ProcWorkerHost } = product('infrastructure/processes/proc/proc-worker-host.js');
  const worker = new ProcWorkerHost().self;
  const { git, spent } = watchedGit(new LocalGitWorkspace({ stateDir: dir, worker }));
  const runner = watchedRunner(createProcessRunner({ stateDir: dir, worker, treeKill: true }), spent);
  let current = { id: null };
  const service = await startService({
    dir,
    files: true,
    slots: 1,
    ports: { git, runner },
    projects: projectsOf([{ project: 'web', repo, entryStages: ['deploy-staging'], staging: { suite: SUITE } }]),
    hooks: {
      observe: (task, step) => (step.kind === 'await' && task.id === current.id ? current.ended() : null),
      onAppended: (_, events) => current?.note(events),
      around: (_, run) => current.around(run),
    },
  });
  const samples = [];
  for (let index = -1; index < runs; index += 1) {
    current = newSample(`web.run${index + 1}`, spent);
    const request = { project: 'web', id: `run${index + 1}`, branch: 'change', startStage: 'deploy-staging' };
    const cpuBefore = process.cpuUsage();
    await service.operations.submit(request, BENCH);
    await current.done;
    await atRest(service);
    const { user, system } = process.cpuUsage(cpuBefore);
    // The first one makes the service's own clone, which later ones find.
    if (index >= 0) samples.push({ ...current.result, cpuMs: (user + system) / 1000, bareMs: await bareMs() });
  }
  await service.stop();
  return samples;
}

function newSample(id, spent) {
  let ended;
  const done = new Promise((resolve) => (ended = resolve));
  const result = { verdicts: 0, exitCode: null, faults: [] };
  let claimedAt = 0;
  const note = (events) => {
    if (events.some(({ type }) => type === 'TransitionClaimed')) claimedAt = performance.now();
    result.faults.push(...events.filter(({ type }) => type === 'ToolErrored').map(({ data }) => data.failure));
    const executed = events.find(({ type }) => type === 'StagingSuiteExecuted');
    if (!executed) return;
    result.jobMs = performance.now() - claimedAt;
    result.exitCode = executed.data.run.exitCode;
    result.verdicts += events.filter(({ type }) => type === 'VerdictRecorded').length;
  };
  const around = async (run) => {
    Object.assign(spent, { gitMs: 0, disposeMs: 0, runnerMs: 0 });
    const startedAt = performance.now();
    const outcome = await run();
    Object.assign(result, { sagaMs: performance.now() - startedAt, ...spent });
    return outcome;
  };
  return { id, done, ended, note, around, result };
}

function watchedRunner(runner, spent) {
  return {
    recover: (isOwnerDead) => runner.recover(isOwnerDead),
    run: async (spec) => {
      const startedAt = performance.now();
      const result = await runner.run(spec);
      spent.runnerMs += performance.now() - startedAt;
      return result;
    },
  };
}

/** What the command takes when nobody looks after it. */
function bareMs() {
  const startedAt = performance.now();
  const child = spawn('sh', ['-c', SUITE], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve) => child.once('close', () => resolve(performance.now() - startedAt)));
}
