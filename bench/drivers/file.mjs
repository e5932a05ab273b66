import { closeSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compareStreams } from '../lib/expected-streams.mjs';

const flush = promisify(fdatasync);

/** Floor: one file, appended to; whoever waits shares one write and one fdatasync. Revisions are checked in memory. */
export function create({ dir }) {
  const path = join(dir, 'log.jsonl');
  const revisions = new Map();
  const waiting = [];
  let fd = 0;
  let ctx;
  let working = null;

  async function work() {
    while (waiting.length > 0) {
      const batch = waiting.splice(0);
      writeSync(fd, batch.map(({ line }) => line).join(''));
      await flush(fd);
      for (const { resolve } of batch) resolve();
    }
    working = null;
  }

  function append(stream, rev) {
    if ((revisions.get(stream) ?? 0) !== rev - 1) throw new Error(`${stream}: expected revision ${rev - 1}`);
    revisions.set(stream, rev);
    const line = `${JSON.stringify({ stream, rev, type: 'Moved', data: ctx.payload })}\n`;
    return new Promise((resolve) => {
      waiting.push({ line, resolve });
      working ??= work();
    });
  }

  return {
    name: 'file',
    notes: ['floor: a file with group commit, one process, no index, no decision'],
    needs: [],
    version: () => process.versions.node,
    available: async () => ({ ok: true }),
    async start(given) {
      ctx = given;
      fd = openSync(path, 'a');
    },
    async task(id) {
      for (let k = 1; k <= ctx.stages; k += 1) {
        ctx.stepStart(id, k);
        await append(id, k);
        ctx.done(id, k);
      }
    },
    async verify() {
      const stored = new Map();
      for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
        const { stream, rev } = JSON.parse(line);
        stored.set(stream, [...(stored.get(stream) ?? []), rev]);
      }
      return compareStreams(ctx.acknowledged, stored);
    },
    async stop() {
      closeSync(fd);
    },
  };
}
