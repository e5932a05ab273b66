import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/whole-number';

export interface SoakOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly replicas: number;
  readonly json: boolean;
}

export function soakOptions(args: readonly string[]): SoakOptions {
  const text = { type: 'string' } as const;
  const options = { seed: text, seconds: text, replicas: text, json: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ args: [...args], options });
  return {
    seconds: wholeNumber('seconds', values.seconds, 1_800),
    seed: wholeNumber('seed', values.seed, 1 + (Date.now() % 1_000_000)),
    replicas: wholeNumber('replicas', values.replicas, 2),
    json: values.json,
  };
}
