import { withoutFolder } from '../../../src/application/sagas/reports/without-folder';

test('a report loses the folder of its clone, however a tool spells it', () => {
  const text = 'file:///w/run%201/a.js /w/run 1/b.js "\\/w\\/run 1\\/c.js" <source>/w/run 1</source> /w/run 2/d.js';
  expect(withoutFolder(text, '/w/run 1')).toBe('a.js b.js "c.js" <source>.</source> /w/run 2/d.js');
});
