import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Isolation } from '../../../src/infrastructure/processes/isolation/isolation';
import { candidates } from '../../../src/infrastructure/processes/isolation/probe';
import { ProcScanner } from '../../../src/infrastructure/processes/proc/proc-scan';
import { ProcessYard, textOf } from '../../support/process-yard';
import { announceUntested, usableLevels } from '../../support/usable-levels';

/** Levels that hide something, as far as this machine has them. */
async function hidingLevels(hidden: readonly string[]): Promise<readonly Isolation[]> {
  const { usable } = await usableLevels();
  const found = await candidates({ scanner: new ProcScanner(), path: process.env['PATH'], hidden });
  const hiding = found.filter((one): one is Isolation => !('obstacle' in one) && one.hides !== 'nothing');
  return hiding.filter(({ level }) => usable.some((one) => one.level === level));
}

it('what is hidden from a run cannot be read or written by it, and is there for everybody else', async () => {
  const outside = new ProcessYard();
  const [folder, file, gone] = [outside.path('operator'), outside.path('events.db'), outside.path('events.db-wal')];
  mkdirSync(folder);
  writeFileSync(join(folder, 'secret'), 'hush');
  writeFileSync(file, 'the log');
  const levels = await hidingLevels([folder, file, gone]);
  if (levels.length === 0) announceUntested('hiding files from runs: no pid namespace here');
  for (const isolation of levels) {
    const yard = new ProcessYard({ isolation: () => isolation });
    try {
      const script = `
        ls ${folder}; cat ${folder}/* ${file}
        echo forged > ${file}; echo planted > ${folder}/planted; mv ${folder} ${folder}2
        touch ${yard.path('began')}; until [ -e ${yard.path('go')} ]; do sleep 0.01; done
        cat ${folder}/*; echo kept > ${yard.path('made')}; exit 7`;
      const running = yard.run(script);
      await yard.saw('began');
      // What comes later, in the way that such files come, is out of its sight too.
      writeFileSync(join(folder, `later-${isolation.level}`), 'hush');
      writeFileSync(yard.path('go'), '');
      const run = await running;
      expect(run).toMatchObject({ kind: 'executed', exitCode: 7, isolation: isolation.level, leaked: 0 });
      expect(textOf(run.output.stdout.head) + textOf(run.output.stderr.head)).not.toMatch(/hush|the log/);
      expect([yard.text('made'), existsSync(`${folder}2`), existsSync(join(folder, 'planted'))]).toEqual([
        'kept\n',
        false,
        false,
      ]);
      expect([readFileSync(file, 'utf8'), readFileSync(join(folder, 'secret'), 'utf8')]).toEqual(['the log', 'hush']);
    } finally {
      yard.close();
    }
  }
  outside.close();
});

it('a run starts all the same when nothing is there to hide', async () => {
  for (const isolation of await hidingLevels(['/no/such/folder', '/no/such file'])) {
    const yard = new ProcessYard({ isolation: () => isolation });
    try {
      expect(await yard.run('exit 3')).toMatchObject({ kind: 'executed', exitCode: 3, isolation: isolation.level });
    } finally {
      yard.close();
    }
  }
});

it('where nothing can be hidden, the level is had without', async () => {
  const found = await candidates({ scanner: new ProcScanner(), path: process.env['PATH'], hidden: ['/x'] });
  const levelsOf = (all: typeof found) => [...new Set(all.map(({ level }) => level))];
  const plain = await candidates({ scanner: new ProcScanner(), path: process.env['PATH'] });
  expect(levelsOf(found)).toEqual(levelsOf(plain));
  // Tried first, and after it the same without: what a machine does not allow of hiding costs no level.
  const ways = found.flatMap((one) => ('obstacle' in one ? [] : [`${one.level} hides ${one.hides}`]));
  for (const level of ['L3-both', 'L2-pidns'] as const) {
    const mine = ways.filter((way) => way.startsWith(level));
    expect(mine.filter((way) => way.endsWith('nothing'))).toEqual(mine.slice(mine.length / 2));
  }
});
