/* eslint-disable no-console -- a command-line tool prints */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { usableLevels, type UsableLevel } from '../support/usable-levels';
import { adversarial } from './adversarial';
import { crashes } from './crashes';
import { flood, heldOutput, overhead } from './figures';
import { recycledPid } from './recycled-pid';
import { table, type Finding } from './report';

const KILLS = 50;

type Section = (level: UsableLevel) => Promise<readonly Finding[]>;

/**
 * What the process runner promises, shown with real processes at the best level of this machine and at L1:
 * `--trials 200` per case, `--only adversarial,crashes`, `--level L2-pidns`, `--seed 7`, `--json`.
 * Ends with exit code 1 when a target is missed.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      trials: { type: 'string', default: '20' },
      kills: { type: 'string', default: String(KILLS) },
      only: { type: 'string' },
      level: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const trials = count(values.trials);
  const random = randomOf(count(values.seed));
  const kills = count(values.kills);
  const sections: Readonly<Record<string, Section>> = {
    overhead,
    adversarial: (level) => adversarial(level, trials),
    held: (level) => heldOutput(level, trials),
    flood,
    crashes: (level) => crashes(level, { kills, random }),
    recycled: (level) => recycledPid(level, trials),
  };
  const { usable, others } = await usableLevels();
  const levels = usable.filter(({ level }, at) =>
    values.level ? level === values.level : at === 0 || level === 'L1-cookie',
  );
  if (levels.length === 0) throw new Error(`expected a level that works here, saw ${others.join('; ')}`);
  const chosen = values.only?.split(',') ?? Object.keys(sections);
  const findings: Finding[] = [];
  for (const level of levels) {
    for (const name of chosen) {
      const section = sections[name];
      if (!section) throw new Error(`expected --only ${Object.keys(sections).join(', ')}, saw ${name}`);
      console.error(`${level.level}: ${name}`);
      findings.push(...(name === 'flood' && chosen.length > 1 ? await alone(name, level) : await section(level)));
    }
  }
  const missed = findings.filter(({ isMet }) => !isMet).length;
  if (values.json)
    console.log(
      JSON.stringify({ trials, levels: levels.map(({ level }) => level), others, findings, missed }, null, 2),
    );
  else {
    console.log(table(findings));
    for (const other of others) console.log(`not available here: ${other}`);
    console.log(missed === 0 ? 'every target is met' : `${missed} targets are missed`);
  }
  return missed === 0 ? 0 : 1;
}

/** In a process of its own: memory that earlier sections have taken would hide what this one takes. */
async function alone(section: string, { level }: UsableLevel): Promise<readonly Finding[]> {
  const args = [...process.execArgv, __filename, '--only', section, '--level', level, '--json'];
  const child = promisify(execFile)(process.execPath, args);
  // A target that is missed is an exit code of 1, and in the findings.
  const { stdout } = await child.catch((error: unknown) => error as { readonly stdout: string });
  return (JSON.parse(stdout) as { findings: readonly Finding[] }).findings;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`expected a whole number from 1, saw ${text}`);
  return number;
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

void main().then((code) => {
  process.exit(code);
});
