import { FAILURE_RULES, NO_RULE } from '../../src/domain/failures/failure-rules';
import type { FailureRule } from '../../src/domain/failures/failure-rule';
import { corpus } from '../failures/corpus';
import { confusionOf } from '../failures/matrix';
import { expectGeneratedPart, markdownTable } from './pages';

const PAGE = 'docs/failures.md';

it('the rules are those of the code', () => {
  const head = ['rule', 'of', 'class', 'retried', 'looks at', 'why'];
  const rows = [...FAILURE_RULES, NO_RULE].map((rule) => [
    `\`${rule.id}\` ${rule.version}`,
    rule.when.steps?.join(', ') ?? 'all',
    `\`${rule.class}\``,
    rule.class === 'red' || rule.class === 'other' ? '' : rule.retryable ? 'yes' : 'no',
    looksAt(rule),
    rule.source === undefined ? rule.why : `${rule.why} ([source](${rule.source}))`,
  ]);
  expectGeneratedPart(PAGE, 'failure-rules', markdownTable(head, rows));
});

it('the confusion matrix is that of the corpus', () => {
  const cases = corpus();
  const { head, rows, infraTakenForCode, codeTakenForInfra } = confusionOf(cases);
  const ran = cases.filter(({ origin }) => origin === 'ran').length;
  const tools = new Set(cases.map(({ tool }) => tool)).size;
  const text = [
    markdownTable(head, rows),
    '',
    `${cases.length} runs of ${tools} tools, ${ran} of them ran. Of the machine and taken for code: ${infraTakenForCode}. Of the code and taken for the machine: ${codeTakenForInfra}.`,
  ];
  expectGeneratedPart(PAGE, 'failure-corpus', text.join('\n'));
});

function looksAt({ when }: FailureRule): string {
  const reasons = (when.reasons ?? []).flatMap((reason) => (reason === null ? [] : `\`${reason}\``));
  return [
    ...reasons,
    ...(when.reasonStartsWith === undefined ? [] : [`\`${when.reasonStartsWith}…\``]),
    ...(when.exitCodes ? [`exit code ${when.exitCodes.join(', ')}`] : []),
    ...(when.failed && !when.exitCodes ? ['exit code'] : []),
    ...(when.isOomKilled ? ['out-of-memory counter'] : []),
    ...(when.tool ? [`\`${when.tool}\``] : []),
    ...(when.owner ? [`command ends with ${when.owner.map((name) => `\`${name}\``).join(', ')}`] : []),
    ...(when.command ? ['command'] : []),
    ...(when.says ? [when.within === undefined ? 'output' : `last ${when.within} lines`] : []),
    ...(when.silent ? ['nothing that tests print'] : []),
  ].join('; ');
}
