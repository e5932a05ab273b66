import type { Oid, TaskId } from '../../ids';
import { codeSpan } from '../../quoting';
import { plainLine } from '../../staging/plain-text';
import type { Finding } from './findings';
import type { SecurityOutcome } from './security-evidence';

/** Of each list; more than anybody repairs at once. */
const MOST_SHOWN = 500;
const MESSAGE_CHARS = 500;

/** What a scan has against a change, for whoever has to repair it. The same data gives the same bytes. */
export function renderFindings(
  { task, newOid, baseOid }: { readonly task: TaskId; readonly newOid: Oid; readonly baseOid: Oid },
  { failing, known, suppressed }: SecurityOutcome,
): string {
  const lines = [
    `# Security findings of ${task}`,
    '',
    `- commit: ${newOid}, the branch on top of main's ${baseOid}`,
    `- to repair: ${failing.length}`,
    `- as grave, and on main as well: ${known}`,
    `- as grave, and accepted by a suppression: ${suppressed.length}`,
    '',
    '## To repair',
    '',
    ...listed(failing),
    ...(suppressed.length > 0 ? ['', '## Accepted', '', ...listed(suppressed)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function listed(findings: readonly Finding[]): readonly string[] {
  const left = findings.length - MOST_SHOWN;
  const shown = findings.slice(0, MOST_SHOWN).map(itemOf);
  return left > 0 ? [...shown, `- and ${left} more, in the report itself`] : shown;
}

function itemOf({ tool, rule, level, severity, path, line, message }: Finding): string {
  const weight = severity === null ? level : `${level}, severity ${severity}`;
  const at = path === '' ? 'no file' : codeSpan(line === null ? path : `${path}:${line}`);
  return `- ${at}: ${weight}, rule ${codeSpan(rule)} of ${codeSpan(tool)}: ${codeSpan(plainLine(message, MESSAGE_CHARS))}`;
}
