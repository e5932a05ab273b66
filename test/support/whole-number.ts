/** The value of an option on a command line. @throws in one line that says what was expected. */
export function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name}: expected a whole number from 1, saw ${text}`);
  return Number(text);
}
