import { quoted } from '../application/secrets';
import { AN_INSTANT, instant, parseInstant, type Instant } from '../domain/instant';
import type { Client } from './client';
import type { Output } from './output';
import { reportTask } from './task.commands';
import { UserError } from './user-error';

export interface OverrideFlags {
  readonly reason: string;
  readonly expires?: string;
}

export interface WaiveFlags extends OverrideFlags {
  readonly path?: readonly string[];
}

interface Which {
  readonly task: string;
  readonly gate: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };

/** Lets a whole gate pass on record. */
export async function overrideGate(
  client: Client,
  output: Output,
  { task, gate }: Which,
  { reason, expires }: OverrideFlags,
): Promise<void> {
  const expiresAt = expires === undefined ? undefined : expiryOf(expires, Date.now());
  const done = await client.override(task, { gate, reason, expiresAt });
  reportTask(done, output, `has ${gate} overridden`);
}

/** Lets what a gate finds in some paths pass on record. */
export async function waiveGate(
  client: Client,
  output: Output,
  { task, gate }: Which,
  { reason, expires, path }: WaiveFlags,
): Promise<void> {
  const expiresAt = expires === undefined ? undefined : expiryOf(expires, Date.now());
  const done = await client.waive(task, { gate, reason, expiresAt, paths: path });
  reportTask(done, output, path ? `has ${gate} waived in ${path.join(', ')}` : `has ${gate} waived`);
}

/** From now on as long as it says, or until that instant. */
export function expiryOf(text: string, nowMs: number): Instant {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const until = count === '' ? parseInstant(text) : instant(nowMs + Number(count) * (UNIT_MS[unit] ?? 0));
  if (until) return until;
  throw new UserError(`--expires: expected a time such as 12h or 7d, or ${AN_INSTANT}, saw ${quoted(text)}`);
}
