import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExaminedLanding } from '../../src/domain/landings/landing';
import { Git } from '../../src/infrastructure/git/command/git-command';
import { auditPlace } from '../../src/infrastructure/git/landings/audit-place';
import { examineLanding } from '../../src/infrastructure/git/landings/examine-landing';
import { inOrder } from '../../src/infrastructure/git/landings/in-order';
import { landingsOf } from '../../src/infrastructure/git/landings/landing-walk';
import { honestMerges } from '../reverts/honest';
import { Trees } from '../reverts/trees';
import { seeded } from '../simulation/random';

/** A landing that means what it does, and what the audit says of it. */
export interface Measured extends ExaminedLanding {
  readonly did: string;
}

/** Looks at so many honest landings of a history that is made by a seed. */
export async function honestLandings(seed: number, count: number): Promise<readonly Measured[]> {
  const root = mkdtempSync(join(tmpdir(), 'stagegate-honest-'));
  try {
    const trees = new Trees();
    const merges = honestMerges(seeded(seed), trees, count);
    const dir = trees.write(root);
    const place = await auditPlace(dir);
    const git = new Git();
    const tip = merges.at(-1)?.candidate.oid ?? '';
    const landings = landingsOf(git, place.dir, tip, {
      since: null,
      behind: null,
      limit: count,
      onLimit: () => undefined,
    });
    const did = new Map(merges.map(({ kind, candidate }) => [candidate.oid, kind]));
    const measured: Measured[] = [];
    for await (const one of inOrder(landings, 2, (each) => examineLanding(git, place.dir, each)))
      measured.push({ ...one, did: did.get(one.landing.oid) ?? '' });
    await place.remove();
    return measured;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
