import type { Random } from '../simulation/random';

/** One of the names, each as often as its weight says. */
export function drawn<Name extends string>(random: Random, weights: Partial<Readonly<Record<Name, number>>>): Name {
  const entries = Object.entries(weights) as [Name, number][];
  let at = random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  const found = entries.find(([, weight]) => (at -= weight) < 0) ?? entries.at(-1);
  if (!found) throw new Error('expected something to draw from, saw nothing');
  return found[0];
}
