import type { Override } from '../task.state';
import { pathsText } from './seen-words';
import { oneLine, type LabelledLine } from './why-lines';

const SHORT_OID = 10;

/** Every gate that a person has let pass, whole or for some paths, a line each. */
export function overrideLines(overrides: readonly Override[]): readonly LabelledLine[] {
  return overrides.map(({ gate, by, paths, headOid, expiresAt, isUsed, reason }) => {
    const scope = paths === null ? '' : ` in ${pathsText(paths)}`;
    const commit = headOid === null ? '' : ` at ${headOid.slice(0, SHORT_OID)}`;
    const used = isUsed ? '' : ', not used';
    const label = paths === null ? 'override' : 'waiver';
    return [label, oneLine(`${gate}${scope}${commit} until ${expiresAt}, by ${by}${used}: ${reason}`)];
  });
}
