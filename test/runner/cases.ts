import { createHash } from 'node:crypto';
import type { RunResult } from '../../src/application/ports/process-runner';

export interface AdversarialCase {
  readonly name: string;
  /** A script of `sh`. */
  readonly script: string;
  /** With what it ends by itself; without one it has to be ended. */
  readonly exitCode?: number;
  /** What else its result has to tell. */
  readonly alsoTrue?: (run: RunResult) => boolean;
  /** It leaves the session, wipes its environment and loses its parent: only L2 and better promise to end it. */
  readonly escapesBelowL2?: true;
}

export const TIMEOUT_MS = 400;
export const GRACE_MS = 200;
const ENDS_BY_ITSELF_MS = 30_000;

/** One start of it is a daemon that sleeps, does not end on TERM, and holds the output. */
const STUBBORN = `setsid sh -c 'trap "" TERM; while :; do sleep 0.05; done'`;
/** Becomes another process all the time. */
const HOPPER = `printf '%s\\n' '#!/bin/sh' 'trap "" TERM' 'sleep 0.01' 'setsid "$0" &' > hop.sh; chmod +x hop.sh`;
const BINARY_BYTES = 1_000_000;

export const CASES: readonly AdversarialCase[] = [
  { name: 'a tree of 50', script: `i=0; while [ $i -lt 50 ]; do sleep 60 & i=$((i+1)); done; wait` },
  { name: 'ignores TERM', script: `trap "" TERM; while :; do sleep 0.05; done` },
  { name: 'setsid and a double fork', script: `(setsid sh -c 'sleep 60 & sleep 60' &); sleep 60` },
  {
    name: 'env -i setsid',
    script: `(env -i setsid sleep 60 &); (env -i setsid sh -c 'sleep 61 & exit' &); sleep 62`,
    escapesBelowL2: true,
  },
  { name: 'setsid, ignores TERM, holds stdout', script: `${STUBBORN} & sleep 60` },
  { name: 'exit 0, child holds stdout', script: `sleep 60 & exit 0`, exitCode: 0 },
  {
    name: 'exit 3, daemon holds stdout',
    script: `${STUBBORN} & sleep 0.05; exit 3`,
    exitCode: 3,
  },
  {
    name: 'fork loop while it is killed',
    script: `trap "" TERM; while :; do sleep 5 & sleep 0.005; done`,
  },
  { name: 'changes its pid all the time', script: `${HOPPER}; (./hop.sh &); sleep 60` },
  {
    name: '10 MB without a newline',
    script: `head -c 10000000 /dev/zero; exit 7`,
    exitCode: 7,
    alsoTrue: ({ output }) => output.stdout.totalBytes === 10_000_000,
  },
  {
    name: '1 MB binary',
    script: `head -c ${BINARY_BYTES} /dev/urandom > bytes; cat bytes; sha256sum bytes >&2`,
    exitCode: 0,
    alsoTrue: ({ output }) => Buffer.from(output.stderr.head).toString().startsWith(output.stdout.sha256),
  },
  {
    name: '200 zombies',
    script: `exec sh -c 'i=0; while [ $i -lt 200 ]; do true & i=$((i+1)); done; exec sleep 60'`,
  },
  { name: 'reads stdin', script: `cat; read x; exit 5`, exitCode: 5 },
  { name: 'stops itself', script: `kill -STOP $$; sleep 60` },
  {
    name: 'stopped children',
    script: `for i in 1 2 3; do sleep 60 & kill -STOP $!; (setsid sh -c 'kill -STOP $$; sleep 60' &); done; wait`,
  },
];

/** Time for a case: one that ends by itself never gets near it. */
export function timeoutOf({ exitCode }: AdversarialCase): number {
  return exitCode === undefined ? TIMEOUT_MS : ENDS_BY_ITSELF_MS;
}

/** Whether the result is the one that the case must have. */
export function isRight({ exitCode, alsoTrue }: AdversarialCase, run: RunResult): boolean {
  if (exitCode === undefined) return run.kind === 'tool_error' && /^timeout(_starved)?$/.test(run.reason);
  return run.kind === 'executed' && run.exitCode === exitCode && (alsoTrue?.(run) ?? true);
}

/** The digest of so many zeros, computed here. */
export function digestOfZeros(bytes: number): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1_000_000);
  for (let left = bytes; left > 0; left -= chunk.length) hash.update(chunk.subarray(0, Math.min(left, chunk.length)));
  return hash.digest('hex');
}
