/**
 * Files of which some parts judge and others are code like any other: `package.json` has the script that runs the tests beside the version
 * of the package. Only the judging parts count, and only they are taken from main.
 */
export interface Manifest {
  /** What judges in it, so that two can be compared; null where nobody can read it, which is a matter of the whole file. */
  readonly judging: (text: string, command: string) => string | null;
  /** `text` with the judging parts of `main` in the place of its own; null where one of them cannot be read. */
  readonly withParts: (text: string, main: string, command: string) => string | null;
}
