import {
  keysOf,
  readVerdict,
  writeFrontMatter,
  type FrontMatterValues,
} from '../../../src/domain/staging/front-matter';

export const SHA = 'a'.repeat(64);

/** A whole header of a runner's staging log; what a test does not care about. */
export const VALUES: FrontMatterValues = {
  staging_status: 'SUCCESS',
  task: 'web.WEB-1',
  run_id: '6f7b1c2e-0001',
  claim_revision: '8',
  subject_oid: 'b'.repeat(40),
  suite_digest: SHA,
  exit_code: '0',
  isolation: 'L1-cookie',
  started_at: '2026-01-05T08:00:00.000Z',
  finished_at: '2026-01-05T08:01:00.000Z',
  duration_ms: '60000',
  producer: 'staging-runner',
  log_digest: SHA,
};

export const KEYS = keysOf('deploy-staging', 'runner');

/** The plain file that every forgery is a variation of. */
export function artifact(values: Partial<FrontMatterValues> = {}, body = '# Staging run\n'): string {
  const defined = Object.entries({ ...VALUES, ...values }).filter(([, value]) => value !== undefined);
  return writeFrontMatter(KEYS, Object.fromEntries(defined) as FrontMatterValues) + body;
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What the strict reader says of a staging artifact: its status, or that it is malformed. */
export function verdictOf(content: string | Uint8Array, producer: 'runner' | 'agent' = 'runner'): string {
  const read = readVerdict('deploy-staging', producer, typeof content === 'string' ? bytes(content) : content);
  return read.kind === 'ok' ? read.status : 'malformed';
}
