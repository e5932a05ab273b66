import { epochMs, instant } from '../../domain/instant';
import type { JsonObject } from '../../domain/json';
import type { RunRecord } from '../../domain/task/task.events';
import { plainText } from '../../domain/staging/plain-text';
import { lastPart } from '../../domain/storable';
import type { Hasher } from '../ports/ids';
import type { CapturedStream, RunResult } from '../ports/process-runner';

/** Characters of each stream that an artifact shows; the whole output is in the run's log file. */
const SHOWN_CHARS = 8_000;

/** What events keep of a run. */
export function runRecord(hasher: Hasher, result: RunResult): RunRecord {
  const durationMs = Math.round(result.durationMs);
  return {
    runId: result.runId,
    exitCode: result.kind === 'executed' ? result.exitCode : null,
    startedAt: result.startedAt,
    finishedAt: instant(epochMs(result.startedAt) + durationMs),
    durationMs,
    isolation: result.isolation,
    logDigest: hasher.sha256(result.output.stdout.sha256, result.output.stderr.sha256),
    leaked: result.leaked,
    ...(result.tests ? { tests: result.tests } : {}),
    // Drops what is undefined, which no store keeps.
    usage: JSON.parse(JSON.stringify(result.usage)) as JsonObject,
  };
}

/** The last part of a run's output, safe to show anywhere. */
export function lastOutput({ output }: RunResult): string {
  const parts = [lastOf(output.stdout), lastOf(output.stderr)].filter((text) => text !== '');
  return parts.join('\n');
}

/** Of what `lastOutput` gives; empty where nothing was printed. */
export function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? '';
}

function lastOf({ head, tail, totalBytes }: CapturedStream): string {
  const decoder = new TextDecoder('utf-8');
  const isWhole = totalBytes <= head.length + tail.length;
  const text = decoder.decode(head) + (isWhole ? '' : '\n[…]\n') + decoder.decode(tail);
  return lastPart(plainText(text), SHOWN_CHARS).trimEnd();
}
