import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/whole-number';
import { SHAPES, isShape, type Shape } from './shapes';

export interface ReplayOptions {
  /** A clone of the user's, or what is to be generated. */
  readonly source:
    | { readonly kind: 'repository'; readonly path: string }
    | { readonly kind: 'generated'; readonly seed: number; readonly shapes: readonly Shape[] };
  /** The branch whose merges are replayed; null for the one that is checked out. */
  readonly main: string | null;
  /** Of the newest merges so many. */
  readonly merges: number;
  /** Each so-manieth merge goes through `stagegate land` too. */
  readonly cliEvery: number;
  readonly json: boolean;
}

/** @throws Error in one line that says what was expected. */
export function replayOptions(args: readonly string[]): ReplayOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      repo: text,
      generate: text,
      shape: text,
      main: text,
      merges: text,
      'cli-every': text,
      json: { type: 'boolean', default: false },
    },
  });
  return {
    source: sourceOf(values),
    main: values.main ?? null,
    merges: wholeNumber('merges', values.merges, 200),
    cliEvery: wholeNumber('cli-every', values['cli-every'], 20),
    json: values.json,
  };
}

function sourceOf(values: {
  readonly repo?: string | undefined;
  readonly generate?: string | undefined;
  readonly shape?: string | undefined;
  readonly main?: string | undefined;
}): ReplayOptions['source'] {
  const { repo, generate, shape, main } = values;
  if ((repo === undefined) === (generate === undefined))
    throw new Error(
      `expected --repo PATH or --generate SEED, saw ${repo === undefined ? 'neither' : 'both'}; give one`,
    );
  if (repo !== undefined) {
    if (shape !== undefined)
      throw new Error('--shape: expected with --generate only, saw it with --repo; leave it out');
    return { kind: 'repository', path: repo };
  }
  if (main !== undefined) throw new Error('--main: expected with --repo only, saw it with --generate; leave it out');
  return { kind: 'generated', seed: wholeNumber('generate', generate, 1), shapes: shapesOf(shape) };
}

function shapesOf(text: string | undefined): readonly Shape[] {
  if (text === undefined) return SHAPES;
  return text.split(',').map((name) => {
    if (!isShape(name)) throw new Error(`--shape: expected ${SHAPES.join(', ')}, saw ${name}`);
    return name;
  });
}
