import type { AlertMessage } from '../../application/ports/alert-sink';
import { linkOf } from './runbook-link';
import { HttpAlertSink } from './http-alert-sink';

/** What Slack, Mattermost, Rocket.Chat and others take as an incoming webhook. */
export class SlackAlertSink extends HttpAlertSink {
  protected bodyOf({ key, severity, title, detail }: AlertMessage): string {
    const text = `*${escaped(title)}* (${severity})\n\`\`\`${escaped(detail.replaceAll('```', "'''"))}\`\`\`\n${escaped([key, linkOf({ title }).runbook].join(' ').trim())}`;
    return JSON.stringify({ text });
  }

  protected headersOf(): Promise<Readonly<Record<string, string>>> {
    return Promise.resolve({ 'content-type': 'application/json; charset=utf-8' });
  }
}

/** These three are all that has a meaning there outside of what we write ourselves: no text of a task mentions a channel. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
