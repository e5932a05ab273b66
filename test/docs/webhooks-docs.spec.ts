import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HOOK_TABLE } from '../../src/domain/hooks/hook-table';
import { ServedCore } from '../infrastructure/http/served-core';
import { findProgram } from '../../src/infrastructure/processes/launch/find-program';
import { SampleRepository } from '../support/sample-repository';
import { HOOK_SECRETS } from '../support/signed-hooks';
import { testWherePossible } from '../support/test-where-possible';
import { expectGeneratedPart, markdownTable, textOf } from './pages';

const OTHERWISE = {
  poll: 'the next poll finds it',
  nothing: 'nothing is missed',
  brought: '`POST evidence`, or the source sends it again',
} as const;

it('the table of events is what the program does', () => {
  const rows = HOOK_TABLE.map(({ source, event, meaning, reads, otherwise }) => [
    `\`${source}\``,
    `\`${event}\``,
    `\`${meaning}\``,
    reads,
    OTHERWISE[otherwise],
  ]);
  const table = markdownTable(['source', 'event', 'meaning', 'what is read of it', 'when it gets lost'], rows);
  expectGeneratedPart('docs/webhooks.md', 'webhook events', table);
});

const PATH = process.env['PATH'] ?? '';
const missing = ['curl', 'openssl', 'od'].filter((program) => findProgram(program, PATH) === null);

testWherePossible(
  missing.length === 0 ? null : `not found: ${missing.join(', ')}`,
  'what the page shows to try it does what the page says, for those who have the secret',
  async () => {
    const [, part = ''] = textOf('docs/webhooks.md').split('\n## Try it\n');
    const scripts = [...part.matchAll(/```sh\n(.*?)```/gs)].map(([, script = '']) => script);
    const answers = [...part.matchAll(/`(\{"meaning":[^`]*\})`/g)].map(([, answer = '']) => answer).sort();
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-try-it-'));
    const sources = ['github', 'generic'] as const;
    for (const source of sources) writeFileSync(join(folder, source), HOOK_SECRETS[source]);
    const hooks = Object.fromEntries(sources.map((source) => [source, { secrets: [{ file: join(folder, source) }] }]));
    const sample = new SampleRepository();
    const served = await ServedCore.start(sample.dir, null, {}, undefined, undefined, { hooks });
    try {
      const run = async (script: string, SECRET: string) => {
        const env = { PATH, SECRET, STAGEGATE: served.url };
        return (await promisify(execFile)('sh', ['-e', '-c', script], { env })).stdout;
      };
      expect(scripts).toHaveLength(sources.length);
      const said = await Promise.all(
        scripts.map((script, index) => run(script, HOOK_SECRETS[sources[index] ?? 'github'])),
      );
      expect([...said].sort()).toEqual(answers);
      for (const script of scripts) expect(await run(script, 'whsec_bm90IHRoaXMgb25l')).toContain('"code":"unsigned"');
    } finally {
      await served.stop();
      sample.dispose();
      rmSync(folder, { recursive: true });
    }
  },
);
