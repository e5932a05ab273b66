import type { AlertAnswerKind, AlertRequest } from '../application/alert-operations';
import type { AlertsAsked, Client } from './client';
import type { Output } from './output';

/** Prints alerts, the latest first; or, as JSON, the answer of `GET /v1/alerts`. */
export async function showAlerts(client: Client, output: Output, asked: AlertsAsked): Promise<void> {
  const view = await client.alerts(asked);
  if (output.isJson) {
    output.json(view);
    return;
  }
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
  if (view.next !== null) output.line(`more: stagegate alerts --after ${view.next}`);
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
