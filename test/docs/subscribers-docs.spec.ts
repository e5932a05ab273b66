import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { HTTP_LIMITS } from '../../src/infrastructure/http/http-limits';
import { MOST_EVENTS_PER_PAGE, EVENTS_PER_PAGE } from '../../src/application/event-feed/event-requests';
import { ServedCore } from '../infrastructure/http/served-core';
import { startProgram, type RunningCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';
import { numberOf, SwitchEvents } from '../support/switch-events';
import { textOf } from './pages';

jest.setTimeout(60_000);

const PAGE = 'docs/subscribers.md';
const page = textOf(PAGE);
const [, program = ''] = /<!-- subscriber -->\n+```js\n(.*?)```/s.exec(page) ?? [];

let folder: string;
let sample: SampleRepository;
let served: ServedCore;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stagegate-subscriber-'));
  writeFileSync(join(folder, 'subscriber.mjs'), program);
  sample = new SampleRepository();
  served = await ServedCore.start(sample.dir, null);
});
afterAll(async () => {
  await served.stop();
  sample.dispose();
  rmSync(folder, { recursive: true });
});

/** One that was killed may have begun a line. */
function numbersIn(output: string): readonly number[] {
  return output.split('\n').slice(0, -1).map(numberOf);
}

it('the subscriber of the page has thirty lines, and a few more for what it does with events', () => {
  expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});

it('the subscriber of the page misses nothing over kills, and repeats no more than what it was about', async () => {
  const log = new SwitchEvents(served.store);
  const MANY = 1_200;
  const KILLS = 3;
  const outputs: string[] = [];
  const start = (): RunningCli & { readonly at: number } => {
    const url = `${served.url}/v1/events?project=web`;
    const running = startProgram(join(folder, 'subscriber.mjs'), [url, join(folder, 'place.txt')]);
    const at = outputs.push('') - 1;
    running.child.stdout.on('data', (chunk: Buffer) => (outputs[at] = `${outputs[at] ?? ''}${chunk.toString()}`));
    return { ...running, at };
  };
  const append = async () => {
    while (log.count < MANY) await log.append('web', 10);
  };
  const appended = append();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const running = start();
    const most = (MANY / (KILLS + 1)) * kill;
    await until(`${most} events`, () => outputs.flatMap(numbersIn).length >= most, 20_000);
    running.child.kill('SIGKILL');
    await running.ended;
  }
  const last = start();
  await appended;
  await until('the last event', () => numbersIn(outputs[last.at] ?? '').at(-1) === MANY, 20_000);
  last.child.kill('SIGKILL');
  await last.ended;
  const seen = outputs.flatMap(numbersIn);
  expect([...new Set(seen)]).toEqual(Array.from({ length: MANY }, (_, index) => index + 1));
  expect(seen.length).toBeLessThanOrEqual(MANY + KILLS);
});

it('figures of the page are those of the program', () => {
  const { heartbeatMs, takenWithinMs, streams, streamsPerToken } = HTTP_LIMITS;
  expect(page).toContain(`every ${heartbeatMs / 1_000} seconds`);
  expect(page).toContain(`for ${takenWithinMs / 1_000} seconds is cut off`);
  expect(page).toContain(`${streams} of one process, ${streamsPerToken} of one token`);
  expect(page).toContain(`at most ${MOST_EVENTS_PER_PAGE}; default: ${EVENTS_PER_PAGE}`);
});
