import type { AlertMessage } from '../application/ports/alert-sink';
import { quoted, withoutSecrets } from '../application/secrets';
import { alertSinks } from '../compose/alert-sinks';
import { instant } from '../domain/instant';
import { didYouMean } from '../domain/nearest-name';
import { withinSentence } from '../domain/within-sentence';
import { loadAlerts } from '../infrastructure/config/alerts/load-alerts';
import { loadServiceConfig } from '../infrastructure/config/service-config';
import { PinoLogger } from '../infrastructure/system/pino-logger';
import type { Output } from './output';
import { UserError } from './user-error';

/** Sends one message that is no alert to a sink, from this process, and says what came back. */
export async function testSink(output: Output, name: string): Promise<void> {
  const config = loadServiceConfig();
  const sinks = alertSinks(loadAlerts(config.projectsFile), new PinoLogger({ level: config.logLevel }));
  const sink = sinks.find((each) => each.name === name);
  const known = sinks.map((each) => each.name);
  if (!sink)
    throw new UserError(`sink: expected one of ${known.join(', ')}, saw ${quoted(name)}${didYouMean(name, known)}`);
  const startedAt = performance.now();
  const answer = await sink.send(messageAt(Date.now()), new AbortController().signal).catch((error: unknown) => {
    const { message } = error as Error;
    throw new UserError(`${name}: nothing was delivered: ${withinSentence(withoutSecrets(message))}`);
  });
  const tookMs = Math.round(performance.now() - startedAt);
  if (output.isJson) output.json({ sink: name, answer, tookMs });
  else output.line(`${name}: ${answer}, after ${tookMs} ms`);
}

/** A key of its own each time: a receiver that drops what it has seen would hide what is to be seen. */
function messageAt(now: number): AlertMessage {
  return {
    key: `test@${now}`,
    severity: 'warning',
    title: 'A test of this sink by stagegate alerts test',
    detail: 'Nothing is wrong.',
    task: 'test',
    project: 'test',
    at: instant(now),
  };
}
