import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleRepository } from '../support/sample-repository';
import { eachInOwnProject, isBack, isDone, isHeld, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

const OLD = 'one\ntwo\nthree\nfour\n';
const FIXED = OLD.replace('two', 'two, fixed');
/** Reads the brief, takes main's file, and keeps its own work. */
const DEVELOPER = [
  'cp "$STAGEGATE_BRIEF_DIR"/revert-check.md "$BRIEF_COPY"',
  'git checkout -q origin/main -- a.txt',
  'git -c user.name=d -c user.email=d@e.f commit -qm "Keep the fix"',
  'git push -q origin HEAD',
].join(' && ');

let web: WebProject;
let sample: SampleRepository;
eachInOwnProject((made) => {
  web = made;
  sample = web.sample;
  sample.commit('main', { 'a.txt': OLD });
});

/** main gets a fix; a branch from before it is reset softly onto main, and committed. No line conflicts with anything. */
function takeBack(): string {
  sample.commit('feature', { 'b.txt': 'mine\n' }, 'main');
  const fix = sample.commit('main', { 'a.txt': FIXED });
  sample.git(['switch', '--quiet', 'feature']);
  sample.git(['reset', '--quiet', '--soft', 'main']);
  sample.git(['commit', '--quiet', '-m', 'My work']);
  sample.git(['push', '--quiet', '--force', sample.dir, 'feature']);
  return fix;
}

const onMain = () => sample.git(['show', 'main:a.txt'], sample.dir);

test('an old file over a fix does not land: the developer is told which, whose and which lines, and the repaired change lands', async () => {
  const fix = takeBack();
  const copy = join(sample.root, 'brief.md');
  await web.up({ agents: { developer: { command: DEVELOPER.replace('$BRIEF_COPY', copy) } } });
  await web.submit('T1', 'feature');
  await web.until('T1', isDone);
  expect(await web.runsOf('T1')).toEqual([
    'staging-suite passed',
    'merge-gate retest-skipped',
    'revert-check evidence',
    'agent:developer agent-done',
    'staging-suite passed',
    'merge-gate retest-skipped',
    'revert-check evidence',
    'landing landed',
  ]);
  expect(`${onMain()}\n`).toBe(FIXED);
  const brief = readFileSync(copy, 'utf8');
  expect(brief).toContain(`\`a.txt\` has the content again that it had before: ${fix.slice(0, 10)}`);
  expect(brief).toContain(['    -two, fixed', '    +two'].join('\n'));
  expect(brief).toContain(`This reverts commit ${fix}.`);
  expect(await web.json('queue')).toMatchObject({ revert_gate: { running: 0, passed: 1, failed: 1, toolErrors: 0 } });
});

test('why names the file and the commit, and a person may let it pass on record', async () => {
  const fix = takeBack();
  await web.up({});
  await web.submit('T1', 'feature');
  await web.until('T1', isBack);
  const why = await web.why('T1');
  expect(why).toContain(`a.txt: has the content again that it had before: ${fix.slice(0, 10)} "change main" by Ann`);
  expect(why).toContain('stagegate waive web.T1 check_no_silent_revert --reason');
  const waive = ['waive', 'web.T1', 'check_no_silent_revert', '--reason', 'the fix was wrong', '--path', 'a.txt'];
  expect(await web.run(...waive)).toMatchObject({ code: 0 });
  await web.until('T1', isDone);
  expect(`${onMain()}\n`).toBe(OLD);
});

test('held where the project says so', async () => {
  takeBack();
  await web.up({ onSilentRevert: 'hold' });
  await web.submit('T1', 'feature');
  await web.until('T1', isHeld);
  expect(await web.json('why', 'web.T1')).toMatchObject({ stage: 'deploy-staging', code: 'held:gate' });
  expect(await web.why('T1')).toMatch(/silent revert of [0-9a-f]{10} "change main" by Ann in a.txt/);
});

test('a revert that says what it is lands, and is shown', async () => {
  sample.commit('main', { 'a.txt': OLD.replace('one', '1') });
  const fix = sample.commit('main', { 'a.txt': FIXED });
  sample.git(['switch', '--quiet', '-c', 'feature', 'main']);
  sample.git(['revert', '--no-edit', fix]);
  sample.commit('feature', { 'b.txt': 'mine\n' });
  await web.up({});
  await web.submit('T1', 'feature');
  await web.until('T1', isDone);
  const shown = await web.show('T1');
  const said = shown.events.find(({ data }) => data['gate'] === 'check_no_silent_revert' && data['result'] === 'pass');
  expect(said?.data).toMatchObject({ evidence: { explicit: [{ by: 'trailer', oid: fix }] } });
});

test('switched off it costs nothing, and lands what it would not have', async () => {
  takeBack();
  await web.up({ onSilentRevert: 'off' });
  await web.submit('T1', 'feature');
  await web.until('T1', isDone);
  expect(await web.runsOf('T1')).toEqual(['staging-suite passed', 'merge-gate retest-skipped', 'landing landed']);
  expect(`${onMain()}\n`).toBe(OLD);
});
