import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/whole-number';

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults are made; healing comes on top. */
  readonly seconds: number;
  /** `kill -9` of replicas. */
  readonly kills: number;
  /** `kill -9` of the database server's main process. */
  readonly postmasterKills: number;
  readonly replicas: number;
  readonly json: boolean;
}

const FULL_SECONDS = 480;
const FULL_KILLS = 200;
const FULL_POSTMASTER_KILLS = 12;

/** A shorter run has fewer kills, at the same rate, unless it is told a number. */
export function chaosOptions(args: readonly string[]): ChaosOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: text,
      seconds: text,
      kills: text,
      'postmaster-kills': text,
      replicas: text,
      json: { type: 'boolean', default: false },
    },
  });
  const seconds = wholeNumber('seconds', values.seconds, FULL_SECONDS);
  const share = (full: number) => Math.ceil((full * seconds) / FULL_SECONDS);
  return {
    seconds,
    seed: wholeNumber('seed', values.seed, 1 + (Date.now() % 1_000_000)),
    kills: wholeNumber('kills', values.kills, share(FULL_KILLS)),
    postmasterKills: wholeNumber('postmaster-kills', values['postmaster-kills'], share(FULL_POSTMASTER_KILLS)),
    replicas: wholeNumber('replicas', values.replicas, 3),
    json: values.json,
  };
}
