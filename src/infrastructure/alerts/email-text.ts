import { createHash } from 'node:crypto';
import type { AlertMessage } from '../../application/ports/alert-sink';
import { linkOf } from './runbook-link';
import { visibleLine } from '../terminal/visible';

const MOST_SUBJECT = 200;
const KEY_DIGITS = 40;

/** An alert as a mail: plain text, and under the same id however often it is sent. */
export function mailOf(alert: AlertMessage, from: string, to: readonly string[]) {
  return {
    from,
    to: [...to],
    subject: subjectOf(alert),
    text: textOf(alert),
    messageId: messageIdOf(alert, from),
    date: new Date(alert.at),
    // Nobody's absence is a reason to answer.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Stagegate-Alert': oneLine(alert.key) },
  };
}

/** By the key of the incident: a mailbox, and a person, can tell that it is the same mail again. */
export function messageIdOf({ key }: AlertMessage, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?$/.exec(from)?.[1] ?? 'stagegate.invalid';
  return `<${createHash('sha256').update(key).digest('hex').slice(0, KEY_DIGITS)}@${domain}>`;
}

function subjectOf({ severity, title }: AlertMessage): string {
  return oneLine(`[${severity}] ${title}`).slice(0, MOST_SUBJECT);
}

function textOf({ key, severity, title, detail, task, project, at }: AlertMessage): string {
  const { runbook } = linkOf({ title });
  return [
    title,
    '',
    `severity  ${severity}`,
    `project   ${project}`,
    `task      ${task}`,
    `raised    ${at}`,
    `alert     ${key}`,
    ...(runbook === undefined ? [] : [`runbook   ${runbook}`]),
    '',
    detail,
    '',
    'To say that you take care of it:',
    `  stagegate alerts ack ${key}`,
    'To see how it is now:',
    `  stagegate why ${task}`,
    '',
  ].join('\n');
}

/** No text of a task begins a header of its own. */
function oneLine(text: string): string {
  return visibleLine(text.replaceAll(/[\r\n]+/g, ' '));
}
