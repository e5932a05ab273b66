import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { load1, removeFolder, workFolder } from '../lib/machine.mjs';
import { adversarialCases } from '../lib/product.mjs';
import { killResidents, residentsOf } from '../lib/residents.mjs';
import { bareTool, execaTool, ownTool, timeoutTool, treeKillTool } from '../lib/runner-tools.mjs';
import { median, rounded } from '../lib/stats.mjs';

const TRIALS = 3;
const OVERHEAD_ROUNDS = 30;
const GRACE_MS = 200;
const TIMEOUT_MS = 400;
/** For cases that end by themselves; a tool that waits for whoever holds the output gets here. */
const ENDS_BY_ITSELF_MS = 2_000;
/** Not settled this long after limit and grace: it hangs. */
const HANG_MS = 1_700;

/** What is left of commands that resist, by tool, and what a tool costs. */
export const runner = {
  name: 'runner',
  page: 'docs/process-runner.md',
  async run({ rounds = TRIALS, only, overheadRounds = OVERHEAD_ROUNDS }, emit) {
    const dir = workFolder();
    try {
      const own = [await ownTool(join(dir, 'l1'), 'L1-cookie'), await ownTool(join(dir, 'best'), 'best')];
      const tools = [execaTool(), treeKillTool(), timeoutTool(), ...own];
      // First: the commands that resist leave a busy machine.
      for (const record of await overheads([bareTool(), ...tools], overheadRounds, dir)) emit(record);
      const cases = adversarialCases().filter(({ name }) => only?.includes(name) ?? true);
      for (const each of cases) {
        const loadBefore = load1();
        const results = [];
        for (const tool of tools) results.push(await tried(tool, each, rounds, dir));
        emit({ type: 'runner-case', case: each.name, results, load1: [loadBefore, load1()], valid: true });
      }
    } finally {
      removeFolder(dir);
    }
  },
};

async function tried(tool, { script, exitCode }, rounds, dir) {
  const expected = exitCode ?? 'timeout';
  const timeoutMs = exitCode === undefined ? TIMEOUT_MS : ENDS_BY_ITSELF_MS;
  const found = { tool: tool.name, survivors: [], hangs: 0, wrong: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const cwd = join(dir, `work-${round}`);
    mkdirSync(cwd, { recursive: true });
    const running = tool.run({ cwd, script, timeoutMs, graceMs: GRACE_MS });
    const result = await Promise.race([running, delay(timeoutMs + GRACE_MS + HANG_MS, 'hang', { ref: false })]);
    found.survivors.push(residentsOf(cwd).length);
    if (result === 'hang') found.hangs += 1;
    else if (result !== expected) found.wrong += 1;
    killResidents(cwd);
    await running;
    removeFolder(cwd);
  }
  return found;
}

/** All tools in turns, so that each meets the same machine. */
async function overheads(tools, rounds, cwd) {
  const loadBefore = load1();
  const times = new Map(tools.map((tool) => [tool, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const tool of tools) {
      const startedAt = performance.now();
      await tool.run({ cwd, script: 'exit 0', timeoutMs: 20_000, graceMs: GRACE_MS });
      if (round >= 0) times.get(tool).push(performance.now() - startedAt);
    }
  }
  const [bare] = [...times.values()].map(median);
  return tools.slice(1).map((tool) => ({
    type: `overhead-${tool.level ?? tool.name}`,
    tool: tool.name,
    overhead_ms: rounded(median(times.get(tool)) - bare),
    bare_ms: rounded(bare),
    rounds,
    load1: [loadBefore, load1()],
    valid: true,
  }));
}
