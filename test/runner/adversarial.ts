import { setTimeout as delay } from 'node:timers/promises';
import type { RunResult } from '../../src/application/ports/process-runner';
import { ProcessYard } from '../support/process-yard';
import type { UsableLevel } from '../support/usable-levels';
import { CASES, GRACE_MS, isRight, timeoutOf, type AdversarialCase } from './cases';
import { postgresCase } from './postgres-case';
import { atMost, median, worst, type Finding } from './report';

const SECTION = 'adversarial';
const SETTLE_MS = 3_000;
const KILL_MS = 300;

interface Tally {
  readonly latencies: number[];
  readonly settles: number[];
  runs: number;
  survivors: number;
  hangs: number;
  rejections: number;
  wrong: number;
}

const newTally = (): Tally => ({
  latencies: [],
  settles: [],
  runs: 0,
  survivors: 0,
  hangs: 0,
  rejections: 0,
  wrong: 0,
});

/** Every case, so often, in a yard of its own; who is alive afterwards is read from the working directories in /proc. */
export async function adversarial({ level, isolation }: UsableLevel, trials: number): Promise<readonly Finding[]> {
  const yard = new ProcessYard({ isolation });
  const isContained = /^L[23]/.test(level);
  const findings: Finding[] = [];
  const whole = newTally();
  const finding = (what: string, found: Pick<Finding, 'measured' | 'target' | 'isMet'>) =>
    findings.push({ section: SECTION, level, what, ...found });
  try {
    await yard.run('true');
    const { extra, skipped } = await postgresCase(yard);
    if (skipped !== null) finding(`a PostgreSQL (${skipped})`, { measured: 'not run', target: 'run', isMet: false });
    for (const each of [...CASES, ...extra]) {
      const tally = newTally();
      for (let trial = 0; trial < trials; trial += 1) await runOnce(yard, each, tally);
      const isPromised = isContained || each.escapesBelowL2 !== true;
      finding(each.name, caseResult(tally, isPromised));
      add(whole, tally, isPromised);
    }
  } finally {
    yard.close();
  }
  finding('runs', { measured: String(whole.runs), target: '', isMet: true });
  finding('survivors, where none are promised', atMost(0, '', whole.survivors));
  finding('hangs', atMost(0, '', whole.hangs));
  finding('rejections', atMost(0, '', whole.rejections));
  finding('from TERM to the end of everything, median', {
    measured: `${median(whole.latencies)} ms`,
    target: '',
    isMet: true,
  });
  finding('from TERM to the end of everything, worst', atMost(GRACE_MS + KILL_MS, 'ms', worst(whole.latencies)));
  finding('settled after timeout + grace, worst', atMost(SETTLE_MS, 'ms', worst(whole.settles)));
  return findings;
}

async function runOnce(yard: ProcessYard, each: AdversarialCase, tally: Tally): Promise<void> {
  const timeoutMs = timeoutOf(each);
  const startedAt = performance.now();
  tally.runs += 1;
  try {
    const running = yard.run(each.script, { timeoutMs, graceMs: GRACE_MS });
    const run = await Promise.race([running, delay(timeoutMs + GRACE_MS + SETTLE_MS + 2_000, null, { ref: false })]);
    if (run === null) tally.hangs += 1;
    else note(tally, each, run, performance.now() - startedAt - timeoutMs - GRACE_MS);
  } catch {
    // The one thing that must never happen, so it is counted.
    tally.rejections += 1;
  }
  const left = yard.residents();
  tally.survivors += left.length;
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
}

function note(tally: Tally, each: AdversarialCase, run: RunResult, settledMs: number): void {
  if (!isRight(each, run)) tally.wrong += 1;
  tally.settles.push(settledMs);
  // Whoever survives counts as survivor, not as slow.
  if (run.killTimeline?.emptyAt !== undefined && run.survivors === 0)
    tally.latencies.push(run.killTimeline.emptyAt - run.killTimeline.termAt);
}

function caseResult(tally: Tally, isPromised: boolean): Pick<Finding, 'measured' | 'target' | 'isMet'> {
  const { runs, survivors, hangs, rejections, wrong } = tally;
  const measured = `${survivors} survivors, ${hangs} hangs, ${wrong} wrong results in ${runs}`;
  const isMet = hangs + rejections + wrong === 0 && (survivors === 0 || !isPromised);
  return { measured, target: isPromised ? '0, 0, 0' : 'best effort, 0, 0', isMet };
}

function add(whole: Tally, tally: Tally, isPromised: boolean): void {
  whole.runs += tally.runs;
  whole.survivors += isPromised ? tally.survivors : 0;
  whole.hangs += tally.hangs;
  whole.rejections += tally.rejections;
  whole.latencies.push(...tally.latencies);
  whole.settles.push(...tally.settles);
}
