import { readFileSync } from 'node:fs';
import {
  keysOf,
  MAX_ARTIFACT_BYTES,
  readFrontMatter,
  readVerdict,
  writeFrontMatter,
} from '../../../src/domain/staging/front-matter';
import { STAGE_TRANSITIONS } from '../../../src/domain/task/pipeline';
import { artifact, bytes, KEYS, SHA, VALUES, verdictOf } from './artifacts';
import { FORGERIES } from './forgeries';

describe('the strict reader', () => {
  test('takes the plain file, whatever its verdict', () => {
    expect(verdictOf(artifact())).toBe('SUCCESS');
    expect(verdictOf(artifact({ staging_status: 'FAILED' }))).toBe('FAILED');
    expect(readFrontMatter(KEYS, bytes(artifact({}, 'a\n\nb')))).toEqual({
      kind: 'ok',
      values: VALUES,
      body: 'a\n\nb',
    });
  });

  test.each(FORGERIES)('does not take a failed run for a passed one: %s', (_name, content) => {
    expect(verdictOf(content)).not.toBe('SUCCESS');
    expect(verdictOf(content, 'agent')).not.toBe('SUCCESS');
  });

  test('has seen 31 forgeries, no two alike, every one unlike the plain files', () => {
    const contents = FORGERIES.map(([, content]) => content);
    expect(new Set([...contents, artifact(), artifact({ staging_status: 'FAILED' })]).size).toBe(31 + 2);
  });

  test('takes the header in any order and the optional keys or not', () => {
    const [open, ...lines] = artifact().split('\n');
    const end = lines.indexOf('---');
    const reversed = [open, ...lines.slice(0, end).reverse(), ...lines.slice(end)].join('\n');
    expect(verdictOf(reversed)).toBe('SUCCESS');
    expect(verdictOf(artifact({ exit_code: undefined }))).toBe('SUCCESS');
    expect(verdictOf(artifact({ staging_status: 'FAILED', exit_code: undefined, cause: 'infra-exhausted' }))).toBe(
      'FAILED',
    );
  });

  test.each([
    ['an unknown key', artifact().replace('task: ', 'tusk: ')],
    ['a missing key', artifact().replace(/^run_id: .*\n/m, '')],
    ['a missing verdict', artifact().replace(/^staging_status: .*\n/m, '')],
    ['a value that is no number', artifact().replace('claim_revision: 8', 'claim_revision: 8.0')],
    ['a value that is no digest', artifact().replace(`log_digest: ${SHA}`, `log_digest: ${SHA.slice(1)}`)],
    ['a value that is no commit', artifact().replace('subject_oid: b', 'subject_oid: g')],
    ['a value that is no instant', artifact().replace('08:00:00.000Z', '08:00:00Z')],
    ['an empty value', artifact().replace('task: web.WEB-1', 'task: ')],
    ['a space before the end of a line', artifact().replace('task: web.WEB-1', 'task: web.WEB-1 ')],
    ['two spaces after the colon', artifact().replace('task: ', 'task:  ')],
    ['a letter beyond ASCII', artifact().replace('task: web', 'task: wéb')],
    ['a value of 201 characters', artifact().replace('task: web.WEB-1', `task: ${'x'.repeat(201)}`)],
    ['a blank line in the header', artifact().replace('task: ', '\ntask: ')],
    ['no header', '# Staging run\n'],
    ['a header without an end', artifact().replace(/\n---\n/, '\n')],
    ['an empty header', '---\n---\nSUCCESS\n'],
    ['a header that does not come first', `\n${artifact()}`],
    ['nothing', ''],
    ['a status of another stage', artifact({ staging_status: 'PASSED' })],
  ])('calls it malformed: %s', (_name, content) => {
    expect(verdictOf(content)).toBe('malformed');
  });

  test('calls it malformed: bytes that are no UTF-8', () => {
    const plain = bytes(artifact({}, 'x'));
    for (const tail of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      expect(verdictOf(Uint8Array.from([...plain, ...tail]))).toBe('malformed');
    }
  });

  test('reads up to 1 MiB', () => {
    const room = MAX_ARTIFACT_BYTES - bytes(artifact({}, '')).length;
    expect(verdictOf(artifact({}, 'x'.repeat(room)))).toBe('SUCCESS');
    expect(verdictOf(artifact({}, 'x'.repeat(room + 1)))).toBe('malformed');
  });

  test('is not slow on what was made to be slow', () => {
    const hostile = [
      `---\n${'a'.repeat(500_000)}`,
      `---\n${'staging_status: S\n'.repeat(50_000)}---\n`,
      '---\n'.repeat(200_000),
    ];
    for (const content of hostile) expect(verdictOf(content)).toBe('malformed');
  });

  test('says what is wrong, in one line', () => {
    const reasons = FORGERIES.map(([, content]) => readVerdict('deploy-staging', 'runner', bytes(content)));
    for (const read of reasons) if (read.kind === 'malformed') expect(read.reason).toMatch(/^[^\n]{5,200}$/);
  });

  test('needs no YAML: the module imports nothing but names and the pipeline', () => {
    const source = readFileSync('src/domain/staging/front-matter.ts', 'utf8');
    expect(source.match(/from '([^']+)'/g)).toEqual(["from '../ids'", "from '../task/pipeline'"]);
  });
});

describe("an agent's artifact", () => {
  const withArtifact = STAGE_TRANSITIONS.filter(({ artifact: file }) => file !== null);

  test.each(withArtifact.map(({ stage }) => stage))(
    'of %s says one of its own two values, or is malformed',
    (stage) => {
      const { artifact: file } = STAGE_TRANSITIONS.find((row) => row.stage === stage) ?? {};
      if (!file) throw new Error('no artifact');
      const says = (value: string) =>
        readVerdict(stage, 'agent', bytes(`---\n${file.verdictKey}: ${value}\n---\nbody\n`));
      expect(says(file.passes)).toEqual({ kind: 'ok', status: file.passes });
      if (file.fails !== null) expect(says(file.fails)).toEqual({ kind: 'ok', status: file.fails });
      for (const other of ['MAYBE', file.passes.toLowerCase(), `${file.passes}.`, 'null', 'true']) {
        expect(says(other).kind).toBe('malformed');
      }
    },
  );

  test('may add a summary and what it is about, and nothing else', () => {
    const more = `task: web.WEB-1\nsubject_oid: ${'b'.repeat(40)}\nsummary: fine: really`;
    expect(verdictOf(`---\nstaging_status: SUCCESS\n${more}\n---\n`, 'agent')).toBe('SUCCESS');
    expect(verdictOf('---\nstaging_status: SUCCESS\nrun_id: x\n---\n', 'agent')).toBe('malformed');
  });

  test('of a stage without one is malformed', () => {
    expect(readVerdict('development', 'agent', bytes(artifact()))).toMatchObject({ kind: 'malformed' });
  });
});

describe('the writer', () => {
  test('writes the keys in the order of the table', () => {
    const names = writeFrontMatter(KEYS, VALUES)
      .split('\n')
      .slice(1, -2)
      .map((line) => line.split(':')[0]);
    expect(names).toEqual(KEYS.map(({ name }) => name).filter((name) => name in VALUES));
  });

  test('refuses what the reader would refuse: a missing value, a line break, a wrong shape', () => {
    const broken = [{ task: '' }, { task: 'a\nb' }, { task: ' a' }, { claim_revision: '1e3' }, { log_digest: 'x' }];
    for (const part of broken) expect(() => writeFrontMatter(KEYS, { ...VALUES, ...part })).toThrow(/front matter/);
    const withoutTask = Object.fromEntries(Object.entries(VALUES).filter(([name]) => name !== 'task'));
    expect(() => writeFrontMatter(KEYS, withoutTask)).toThrow(/lacks task/);
  });

  test('has one table of keys per stage and producer, the staging one as documented', () => {
    expect(keysOf('deploy-staging', 'runner').map(({ name }) => name)).toEqual([
      'staging_status',
      'task',
      'run_id',
      'claim_revision',
      'subject_oid',
      'suite_digest',
      'exit_code',
      'cause',
      'isolation',
      'started_at',
      'finished_at',
      'duration_ms',
      'producer',
      'log_digest',
    ]);
    expect(keysOf('review', 'runner')).toEqual(keysOf('review', 'agent'));
  });
});
