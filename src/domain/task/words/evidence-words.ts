import { checksOf, saidIn, TAKES_EVIDENCE } from '../../gates/outside-evidence';
import type { SubmittedTask } from '../task.state';
import { oneLine, type LabelledLine } from './why-lines';

const SHORT_OID = 10;

/** What has been brought from outside, a line for each check. */
export function evidenceLines(task: Pick<SubmittedTask, 'evidence'>): readonly LabelledLine[] {
  return TAKES_EVIDENCE.flatMap((gate) => {
    const about = task.evidence[gate]?.subjectOid.slice(0, SHORT_OID) ?? '';
    return [...checksOf(task, gate)].map(([name, check]): LabelledLine => {
      const said = `${name}: ${saidIn(check, 'result')} at ${about}, for ${gate}, says ${saidIn(check, 'by')}`;
      const url = saidIn(check, 'url');
      return ['evidence', oneLine(url === '' ? said : `${said}: ${url}`)];
    });
  });
}
