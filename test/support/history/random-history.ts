import fc from 'fast-check';
import { FastImport } from './fast-import';
import { FILES, done, fresh, type Step } from './steps';
import { file, type Files, type Made } from './files';

export interface RandomHistory {
  readonly isCrlf: boolean;
  readonly main: readonly Step[];
  readonly branch: readonly Step[];
}

const nat = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('edit' as const), file: nat, line: nat, word: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('add', 'remove', 'mode' as const), file: nat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), file: nat, to: fc.nat(FILES - 1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('append' as const), word: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('attributes' as const), word: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('pick', 'revert' as const), commit: nat }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'empty' as const }) },
);

/** Two sides that began at one commit. */
export const randomHistory: fc.Arbitrary<RandomHistory> = fc.record({
  isCrlf: fc.boolean(),
  main: fc.array(step, { maxLength: 6 }),
  branch: fc.array(step, { minLength: 1, maxLength: 6 }),
});

/** The history as `git fast-import` takes it: refs/heads/main and refs/heads/feature. */
export function streamOf({ isCrlf, main, branch }: RandomHistory): Uint8Array {
  const end = isCrlf ? '\r\n' : '\n';
  const first: Files = new Map([
    ...Array.from({ length: FILES - 2 }, (_, at) => [`f${at}.txt`, file(fresh(at, end))] as const),
    ['log.txt', file(`begin${end}`)] as const,
  ]);
  const stream = new FastImport();
  const words = (subject: string) => `${subject}\n\nbody of ${subject}`;
  const root = stream.commit('refs/heads/main', { files: first, parents: [], message: words('begin') });
  const onMain: Made[] = [];
  for (const [side, steps, others] of [
    ['main', main, []],
    ['feature', branch, onMain],
  ] as const) {
    const own: Made[] = side === 'main' ? onMain : [];
    let tip = root;
    for (const [at, one] of steps.entries()) {
      const after = done(tip.files, one, { end, own, others, at: `${side}-${at}` });
      own.push({ before: tip.files, after });
      const message = words(`${side} ${at} ${one.kind}`);
      tip = stream.commit(`refs/heads/${side}`, { files: after, parents: [tip], message });
    }
  }
  return stream.bytes();
}
