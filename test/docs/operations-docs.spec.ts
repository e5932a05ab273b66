import { codeIn, filesBelow, rowsUnder, textOf } from './pages';

const PAGE = 'docs/operations.md';

it('the log messages are those of the code, at their levels', () => {
  const calls = filesBelow('src').flatMap((file) => [
    ...textOf(file).matchAll(/\blogger\??\.(info|warn|error)\(\s*'([^']+)'/g),
  ]);
  const written = calls.map(([, level = '', message = '']) => `${level} ${message}`);
  const documented = rowsUnder(PAGE, 'Logs').map(
    ([level = '', message = '']) => `${level} ${codeIn(message)[0] ?? ''}`,
  );
  expect([...documented].sort()).toEqual([...new Set(written)].sort());
});

it('the refs are those that git is told to write', () => {
  const names = textOf('src/infrastructure/git/command/names.ts');
  const publish = ['epoch', 'landed', 'artifacts'];
  const documented = rowsUnder(PAGE, 'State directory')
    .flatMap(([ref = '']) => codeIn(ref))
    .filter((ref) => ref.startsWith('refs/'))
    .map((ref) => ref.split('/')[2] ?? '');
  expect(documented).toEqual(publish);
  for (const kind of publish) expect(names).toMatch(new RegExp(`'${kind}'|/${kind}/`));
});

it('the folders of the state directory are those that the code makes', () => {
  const text = filesBelow('src').map(textOf).join('\n');
  const made = [...text.matchAll(/(?:join|resolve)\((?:[\w.]*stateDir), '([\w.-]+)'/g)].map(([, name = '']) => name);
  const documented = rowsUnder(PAGE, 'State directory').map(([path = '']) => path);
  const missing = [...new Set(made)].filter((name) => !documented.some((path) => path.includes(name)));
  expect(missing).toEqual([]);
});
