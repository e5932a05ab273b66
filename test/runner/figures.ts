import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProcessYard } from '../support/process-yard';
import type { UsableLevel } from '../support/usable-levels';
import { digestOfZeros } from './cases';
import { atMost, median, worst, type Finding } from './report';

const MB = 1_000_000;
const FLOOD_BYTES = 1_000 * MB;
const OVERHEAD_ROUNDS = 30;
/** Of a launch over a bare spawn, by the strength of the level. */
const OVERHEAD_LIMIT_MS: Readonly<Record<string, number>> = { 'L1-cookie': 20 };
const OVERHEAD_LIMIT_CONTAINED_MS = 50;
const TRUE_CODE_MS = 500;

/** 1 GB without a newline: memory, digest and exit code. */
export async function flood({ level, isolation }: UsableLevel): Promise<readonly Finding[]> {
  const yard = new ProcessYard({ isolation });
  try {
    // Buffers that any run needs are there already.
    await yard.run(`head -c ${20 * MB} /dev/zero`);
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    const run = await yard.run(`head -c ${FLOOD_BYTES} /dev/zero; exit 9`, { timeoutMs: 120_000 });
    clearInterval(sampler);
    const isTrue = run.kind === 'executed' && run.exitCode === 9 && run.output.stdout.totalBytes === FLOOD_BYTES;
    const isSame = run.output.stdout.sha256 === digestOfZeros(FLOOD_BYTES);
    const shared = { section: '1 GB of output', level };
    return [
      { ...shared, what: 'memory growth', ...atMost(40, 'MB', (peak - before) / MB) },
      { ...shared, what: 'exit code and byte count', ...truth(isTrue) },
      { ...shared, what: 'SHA-256', ...truth(isSame) },
      { ...shared, what: 'duration', measured: `${run.durationMs} ms`, target: '', isMet: true },
    ];
  } finally {
    yard.close();
  }
}

/** How long after the end of a suite its result is there, while a daemon of it holds the output. */
export async function heldOutput({ level, isolation }: UsableLevel, trials: number): Promise<readonly Finding[]> {
  const yard = new ProcessYard({ isolation });
  const delays: number[] = [];
  let wrong = 0;
  try {
    await yard.run('true');
    for (let trial = 0; trial < trials; trial += 1) {
      const run = await yard.run(`setsid sleep 60 & sleep 0.05; date +%s%N; exit 4`);
      delays.push(Date.now() - Number(Buffer.from(run.output.stdout.head).toString()) / 1e6);
      if (run.kind !== 'executed' || run.exitCode !== 4) wrong += 1;
    }
  } finally {
    yard.close();
  }
  const shared = { section: 'a daemon holds the output', level };
  return [
    { ...shared, what: 'wrong exit codes', ...atMost(0, '', wrong) },
    { ...shared, what: 'result after the end of the suite, worst', ...atMost(TRUE_CODE_MS, 'ms', worst(delays)) },
  ];
}

/** What a run costs on top of `child_process.spawn`, both in turns. */
export async function overhead({ level, isolation }: UsableLevel): Promise<readonly Finding[]> {
  const yard = new ProcessYard({ isolation });
  const [bare, ours]: [number[], number[]] = [[], []];
  try {
    await yard.run('true');
    for (let round = 0; round < OVERHEAD_ROUNDS; round += 1) {
      bare.push(await timed(() => once(spawn('sh', ['-c', 'exit 0'], { cwd: yard.work }), 'close')));
      ours.push(await timed(() => yard.run('exit 0')));
    }
  } finally {
    yard.close();
  }
  const limit = OVERHEAD_LIMIT_MS[level] ?? OVERHEAD_LIMIT_CONTAINED_MS;
  const what = `over a bare spawn of ${median(bare).toFixed(1)} ms, median of ${OVERHEAD_ROUNDS}`;
  return [{ section: 'overhead', level, what, ...atMost(limit, 'ms', median(ours) - median(bare)) }];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function truth(isTrue: boolean): Pick<Finding, 'measured' | 'target' | 'isMet'> {
  return { measured: isTrue ? 'right' : 'WRONG', target: 'right', isMet: isTrue };
}
