import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ProcessYard } from '../support/process-yard';
import type { UsableLevel } from '../support/usable-levels';
import { atMost, worst, type Finding } from './report';

const PROGRAM = require.resolve('../support/run-command.cjs');
/** From before the intent to well after everything of the suite is up. */
const LATEST_KILL_MS = 250;
const SELF_CLEAN_MS = 1_000;
const RECOVERY_MS = 500;

/** Everything of it carries the cookie; what wipes that as well is for the levels that do not need it. */
const SUITE = '(setsid sleep 60 &); (setsid sh -c "sleep 61 & sleep 62" &); sleep 63';
const ESCAPING_SUITE = `(env -i setsid sleep 64 &); ${SUITE}`;

/** An orchestrator that is killed at random instants of a run, and the next one that cleans up after it. */
export async function crashes(
  { level, isolation }: UsableLevel,
  { kills, random }: { readonly kills: number; readonly random: () => number },
): Promise<readonly Finding[]> {
  const cleansItself = level === 'L3-both' || level === 'L2-pidns';
  const suite = level === 'L1-cookie' ? SUITE : ESCAPING_SUITE;
  const recoveries: number[] = [];
  let [leftBefore, leftAfter] = [0, 0];
  for (let kill = 0; kill < kills; kill += 1) {
    const yard = new ProcessYard({ isolation });
    try {
      const orchestrator = spawn(process.execPath, [PROGRAM, yard.root, 'sh', '-c', suite], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, RUN_COMMAND_LEVEL: level, RUN_COMMAND_READY: '1' },
      });
      await killedAt(orchestrator, random() * LATEST_KILL_MS);
      if (cleansItself) await delay(SELF_CLEAN_MS);
      leftBefore += yard.residents().length;
      const startedAt = performance.now();
      await yard.runner.recover(() => true);
      recoveries.push(performance.now() - startedAt);
      leftAfter += yard.residents().length;
    } finally {
      yard.close();
    }
  }
  const section = `killed -9 at ${kills} random instants`;
  const before = cleansItself
    ? { what: 'left 1 s later, before any recovery', ...atMost(0, '', leftBefore) }
    : { what: 'left before any recovery', measured: String(leftBefore), target: '', isMet: true };
  return [
    { section, level, ...before },
    { section, level, what: 'left after recovery', ...atMost(0, '', leftAfter) },
    { section, level, what: 'recovery, worst', ...atMost(RECOVERY_MS, 'ms', worst(recoveries)) },
  ];
}

async function killedAt(orchestrator: ChildProcess, afterMs: number): Promise<void> {
  const gone = once(orchestrator, 'exit');
  if (orchestrator.stdout) await once(orchestrator.stdout, 'data');
  await delay(afterMs);
  orchestrator.kill('SIGKILL');
  await gone;
}
