import type { AlertMessage } from '../../application/ports/alert-sink';
import { runbookOf } from '../../domain/alerts/alert-kind';

/** Beside what else is said of an alert. */
export function linkOf({ title }: Pick<AlertMessage, 'title'>): { readonly runbook?: string } {
  const runbook = runbookOf(title);
  return runbook === null ? {} : { runbook };
}
