import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { openReadModels } from '../../src/infrastructure/read-models/open-read-models';
import { PROJECTIONS } from '../../src/projections/projections';
import { dump } from '../projections/support/harness';
import type { Site } from './site';

const CLI = resolve(__dirname, '../../dist/cli.js');
const REBUILT = 'rebuilt';

/** Every replica's read models, stopped by now, against a rebuild from the log alone: the same bytes. */
export async function differingReadModels(site: Site, replicas: readonly string[]): Promise<string[]> {
  const options = { cwd: site.folder, env: site.environment(REBUILT), encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'rebuild'], options);
  if (status !== 0) return [`a rebuild ended with ${status}: ${stderr}`];
  const expected = await dumpOf(site, REBUILT);
  const wrong: string[] = [];
  for (const name of replicas) {
    const found = await dumpOf(site, name);
    if (found !== expected) wrong.push(`${name} differs from a rebuild: ${firstDifference(found, expected)}`);
  }
  return wrong;
}

async function dumpOf(site: Site, name: string): Promise<string> {
  const db = await openReadModels(join(site.stateDir(name), 'read-model.db'));
  try {
    return withoutPlaces(await dump(db, PROJECTIONS));
  } finally {
    await db.destroy();
  }
}

/** How far a replica had read when it was stopped says nothing: the last one to stop gives its leases back behind that. */
function withoutPlaces(text: string): string {
  return text.replace(/^([a-z-]+) \d+\/\d+$/gm, '$1');
}

function firstDifference(found: string, expected: string): string {
  const lines = expected.split('\n');
  const at = found.split('\n').findIndex((line, index) => line !== lines[index]);
  return `line ${at + 1}: ${found.split('\n')[at]?.slice(0, 300)} instead of ${lines[at]?.slice(0, 300)}`;
}
