import type { AlertMessage } from '../../../src/application/ports/alert-sink';
import { instant } from '../../../src/domain/instant';
import { LoggerAlertSink } from '../../../src/infrastructure/alerts/logger-alert-sink';
import { PinoLogger } from '../../../src/infrastructure/system/pino-logger';

async function logged(send: (sink: LoggerAlertSink) => Promise<unknown>): Promise<readonly Record<string, unknown>[]> {
  const lines: string[] = [];
  const log = new PinoLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  await send(new LoggerAlertSink(log));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const alert = (key: string, severity: AlertMessage['severity'] = 'warning'): AlertMessage => ({
  key,
  severity,
  title: 'infra budget exhausted',
  detail: 'timeout, 4 runs',
  task: 'web.W-1',
  project: 'web',
  at: instant(0),
});

test('an incident is said once, whatever repeats', async () => {
  const lines = await logged(async (sink) => {
    await sink.send(alert('a'));
    await sink.send(alert('a'));
    await sink.send(alert('b', 'critical'));
  });
  expect(lines.map(({ level, alert: key }) => [level, key])).toEqual([
    ['warn', 'a'],
    ['error', 'b'],
  ]);
});

test('memory stays bounded; the newest keys are the remembered ones', async () => {
  const lines = await logged(async (sink) => {
    for (let i = 0; i <= 10_000; i += 1) await sink.send(alert(String(i)));
    await sink.send(alert('10000'));
    await sink.send(alert('0'));
  });
  expect(lines).toHaveLength(10_002);
});
