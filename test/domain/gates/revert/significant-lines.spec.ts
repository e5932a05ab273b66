import {
  isFormatting,
  significant,
  standsIn,
  withoutImports,
} from '../../../../src/domain/gates/revert/significant-lines';

test('brackets and lone words say nothing', () => {
  const lines = ['}', '});', '', '  else {', 'return;', 'end', '// ----', '  call(a,   b);', 'überall', 'return x;'];
  expect(significant(lines)).toEqual(['call(a, b);', 'überall', 'return x;']);
});

test('what only moves spaces and line breaks is a format', () => {
  expect(isFormatting({ removed: ['call(a, b);'], added: ['call(', '  a,', '  b', ');'] })).toBe(true);
  expect(isFormatting({ removed: ['call(a, b);'], added: ['call(b, a);'] })).toBe(false);
});

test('lines stand in others only one right below the other, and whole', () => {
  expect(standsIn(['b', 'c'], ['a', 'b', 'c'])).toBe(true);
  expect(standsIn(['a', 'c'], ['a', 'b', 'c'])).toBe(false);
  expect(standsIn(['b'], ['ab', 'bc'])).toBe(false);
  expect(standsIn([], ['a'])).toBe(true);
});

test('what names other files comes and goes with its uses', () => {
  const lines = [
    "import { a } from 'b';",
    'from a import b',
    "const a = require('b');",
    '#include <a.h>',
    'use a::b;',
    "} from './c';",
    'a();',
  ];
  expect(withoutImports(lines)).toEqual(['a();']);
});
