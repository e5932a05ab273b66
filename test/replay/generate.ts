import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { seeded } from '../simulation/random';
import { drawn } from './drawn';
import { PlainGit } from './plain-git';
import { WEIGHTS, type Shape } from './shapes';
import { Team } from './team';

/** Makes a bare repository whose main has so many merges; the same seed makes the same commits. */
export function generate(
  dir: string,
  { seed, shape, merges }: { readonly seed: number; readonly shape: Shape; readonly merges: number },
): void {
  mkdirSync(dir, { recursive: true });
  const git = new PlainGit(tmpdir());
  git.text(dir, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main']);
  const random = seeded(seed);
  const { actions, ...weights } = WEIGHTS[shape];
  const team = new Team(random, weights);
  while (team.merges < merges) team.act(drawn(random, actions));
  git.text(dir, ['fast-import', '--quiet'], team.history());
}
