/** What one run of a suite says of a tree. */
export type Colour = 'green' | 'red';
/** What is known of a tree after a run. `unconfirmed`: red for the first time, which counts for nothing yet. */
export type Finding = Colour | 'inconclusive' | 'unconfirmed';

/** An earlier run on the same tree. */
export interface ColourSeen {
  readonly colour: Colour;
  readonly runId: string;
  /** The first tests that failed, where a report named them. */
  readonly failed?: readonly string[];
}

export function colourOf({ exitCode }: { readonly exitCode: number | null }): Colour {
  return exitCode === 0 ? 'green' : 'red';
}

/**
 * What a run means: a red counts when it was seen twice, and two colours on one tree say nothing about the change.
 *
 * @param isConfirmed whether the job confirms its reds; what was recorded to be confirmed is compared all the same.
 */
export function findingOf(colour: Colour, before: ColourSeen | null, isConfirmed: boolean): Finding {
  if (before) {
    return before.colour === colour ? colour : 'inconclusive';
  }
  return colour === 'red' && isConfirmed ? 'unconfirmed' : colour;
}
