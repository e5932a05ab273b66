import type { SetAside } from '../../../domain/task/task.commands';
import { PLACEHOLDERS, unfilledPlaceholder } from '../../agents/argv-template';
import { nearestName } from '../../../domain/nearest-name';
import type { RawProject } from './raw-project';
import type { YamlDocument } from '../values/yaml-document';

const KNOWN = PLACEHOLDERS.map((name) => `{${name}}`).join(', ');

/** What of a project is well written, and cannot work. The others of the file are none the worse for it. */
export function faultOf(document: YamlDocument, project: string, { agents = {} }: RawProject): SetAside | null {
  for (const [role, { command }] of Object.entries(agents)) {
    const found = unfilledPlaceholder(command);
    if (!found) continue;
    const { index, name } = found;
    const nearest = index === 0 ? null : nearestName(name, PLACEHOLDERS);
    const expected = index === 0 ? 'a program without a placeholder' : `${KNOWN} and nothing else in braces`;
    const { message } = document.errorAt(
      ['projects', project, 'agents', role, 'command', index],
      `expected ${expected}, saw {${name}}`,
    );
    const guess = nearest === null ? '' : ` ({${nearest}}?)`;
    return { cause: message, remedy: `correct the command${guess} and restart the service`, since: null };
  }
  return null;
}
