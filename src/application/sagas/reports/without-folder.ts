/**
 * A report without the folder of the clone that it was made in, which no other run has: reports of two commits can be compared,
 * and a path in them is one of the repository. As a URL and with the escaped slashes of JSON, too.
 *
 * @param folder absolute, without a slash at its end.
 */
export function withoutFolder(text: string, folder: string): string {
  const spellings = [`file://${encodeURI(folder)}`, folder];
  return spellings
    .flatMap((spelling) => [spelling, spelling.replaceAll('/', '\\/')])
    .reduce((left, spelling) => without(left, spelling), text);
}

function without(text: string, folder: string): string {
  return text.replaceAll(`${folder}/`, '').replaceAll(`${folder}\\/`, '').replaceAll(folder, '.');
}
