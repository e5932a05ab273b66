import type { AlertAnswerKind, AlertRequest } from '../application/alert-operations';
import type { RedeliverRequest } from '../application/redelivery';
import type { AlertsAsked, Client, DeliveriesAsked } from './client';
import type { Output } from './output';
import { yellow } from './styled';

/** Prints alerts, the latest first; or, as JSON, the answer of `GET /v1/alerts`. */
export async function showAlerts(client: Client, output: Output, asked: AlertsAsked): Promise<void> {
  const view = await client.alerts(asked);
  if (output.isJson) {
    output.json(view);
    return;
  }
  await tellDead(client, output, asked.project);
  if (view.items.length === 0) {
    output.line(asked.state === null ? 'no alert is open' : 'no such alert');
    return;
  }
  output.table(
    ['alert', 'severity', 'state', 'raised', 'by', 'title'],
    view.items.map(({ alert, severity, state, raisedAt, acknowledgedBy, closedBy, title }) => [
      alert,
      severity,
      state,
      raisedAt,
      closedBy ?? acknowledgedBy ?? '-',
      title,
    ]),
  );
  if (view.nextCursor !== null) output.line(`more: stagegate alerts --cursor ${view.nextCursor}`);
}

/** Whoever looks at alerts wants to know of those that have not reached anybody. */
async function tellDead(client: Client, output: Output, project: string | null): Promise<void> {
  const one = { sink: null, alert: null, project, outcome: 'dead', limit: '1', cursor: null };
  const { items } = await client.deliveries(one);
  if (items.length > 0) output.line(yellow('dead letters'), ': stagegate alerts deliveries --outcome dead');
}

export async function answerAlert(
  client: Client,
  output: Output,
  kind: AlertAnswerKind,
  request: AlertRequest,
): Promise<void> {
  const answer = await client.answerAlert(kind, request);
  if (output.isJson) output.json(answer);
  else output.line(`${answer.alert}: ${answer.state}`);
}

/** Prints which sink got which alert; or, as JSON, the answer of `GET /v1/deliveries`. */
export async function showDeliveries(client: Client, output: Output, asked: DeliveriesAsked): Promise<void> {
  const view = await client.deliveries(asked);
  if (output.isJson) {
    output.json(view);
    return;
  }
  if (view.items.length === 0) {
    output.line('no such delivery');
    return;
  }
  output.table(
    ['sink', 'alert', 'outcome', 'tries', 'last', 'next', 'answer'],
    view.items.map(({ sink, alert, outcome, tries, lastAt, nextAt, answer }) => [
      sink,
      alert,
      outcome,
      String(tries),
      lastAt,
      nextAt ?? '-',
      answer,
    ]),
  );
  if (view.nextCursor !== null) output.line(`more: stagegate alerts deliveries --cursor ${view.nextCursor}`);
}

export async function redeliver(client: Client, output: Output, request: RedeliverRequest): Promise<void> {
  const answer = await client.redeliver(request);
  if (output.isJson) {
    output.json(answer);
    return;
  }
  for (const { sink, alert } of answer.items) output.line(`${alert}: tried anew at ${sink}`);
  if (answer.hasMore) output.line('there are more: ask again when these are out');
}
