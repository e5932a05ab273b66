import { classify } from '../../src/domain/failures/classify';
import { CLASS_EFFECTS, FAILURE_CLASSES, type FailureClass } from '../../src/domain/merge/failure-class';
import type { CorpusCase } from './corpus';

/** A run that was taken for another one than it is. */
export interface Mistake {
  readonly file: string;
  readonly expected: FailureClass;
  readonly seen: FailureClass;
  readonly rule: string;
}

export interface Confusion {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly mistakes: readonly Mistake[];
  /** Of the machine, and the change would have paid for it. */
  readonly infraTakenForCode: number;
  /** Of the change, and the machine was blamed. */
  readonly codeTakenForInfra: number;
}

/** What the corpus is, against what the rules say; a row for each class that is in it. */
export function confusionOf(cases: readonly CorpusCase[]): Confusion {
  const judged = cases.map((given) => ({ given, found: classify(given.signal) }));
  const count = (is: FailureClass, seen: FailureClass) =>
    judged.filter(({ given, found }) => given.class === is && found.class === seen).length;
  const used = FAILURE_CLASSES.filter((kind) =>
    judged.some(({ given, found }) => given.class === kind || found.class === kind),
  );
  const mistakes = judged
    .filter(({ given, found }) => given.class !== found.class)
    .map(({ given, found }) => ({
      file: given.file,
      expected: given.class,
      seen: found.class,
      rule: found.rule,
    }));
  return {
    head: ['is', ...used.map((kind) => `taken for ${kind}`)],
    rows: used.map((is) => [is, ...used.map((seen) => String(count(is, seen)))]),
    mistakes,
    infraTakenForCode: mistakes.filter(({ expected, seen }) => !isCode(expected) && isCode(seen)).length,
    codeTakenForInfra: mistakes.filter(({ expected, seen }) => isCode(expected) && !isCode(seen)).length,
  };
}

function isCode(kind: FailureClass): boolean {
  return CLASS_EFFECTS[kind].effect === 'rollback';
}
