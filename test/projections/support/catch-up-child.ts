import { openReadModels } from '../../../src/infrastructure/read-models/open-read-models';
import { ProjectionRunner } from '../../../src/projections/projection-runner';
import { PROJECTIONS } from '../../../src/projections/projections';
import { ReadableLog } from './readable-log';
import { runnerDeps } from './harness';
import { LogWriter } from './log-writer';
import { writeRandomLog } from './random-log';

/** A process of its own: makes the log that its seed stands for, and projects it into the given file. */
async function main([path = '', seed = '0', tasks = '0']: readonly string[]): Promise<void> {
  const store = new ReadableLog();
  await writeRandomLog(new LogWriter(store), Number(seed), Number(tasks));
  const db = await openReadModels(path);
  process.stdout.write('begins\n');
  await new ProjectionRunner(runnerDeps(store, db), PROJECTIONS).catchUp();
  await db.destroy();
}

void main(process.argv.slice(2));
