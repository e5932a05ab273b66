import { fillPlaces, firstBytes, withoutPlaces } from '../../../src/domain/brief/brief';
import { TEMPLATES } from '../../../src/domain/brief/shipped-templates';
import { fillTemplate, unknownPlaceholder, type TemplateValues } from '../../../src/domain/brief/template';
import { AGENT_ROLES } from '../../../src/domain/task/pipeline';

const VALUES = { role: 'tester', title: '{{goal}} $& {{artifact_dir}}', goal: 'g' } as TemplateValues;

it.each(AGENT_ROLES)('the shipped template of the %s names nothing unknown, and what every brief needs', (role) => {
  expect(unknownPlaceholder(TEMPLATES[role])).toBeNull();
  for (const name of ['goal', 'came_back', 'deliver', 'files', 'base', 'head'])
    expect(TEMPLATES[role]).toContain(`{{${name}}}`);
});

it.each([
  ['{{rôle}}', 'rôle'],
  ['{{ role }}', ' role '],
  ['{{}}', ''],
  ['a {{role}} and a {{toString}}', 'toString'],
  ['{{role}}', null],
  ['{role} {"a":{"b":1}} {{{role}}}', null],
  ['${{ secrets.KEY }}', null],
])('in %j the unknown placeholder is %j', (template, name) => {
  expect(unknownPlaceholder(template)).toBe(name);
});

it('a template is filled in one pass: what a value holds is not looked at again', () => {
  expect(fillTemplate('{{role}}: {{title}} {{artifact_dir}}', VALUES)).toBe(
    'tester: {{goal}} $& {{artifact_dir}} {{artifact_dir}}',
  );
});

it('folders are filled in where the template or a text of ours names them, and in nobody else’s words', () => {
  const prompt = `{{artifact_dir}}/a, {{brief_dir}}, ${withoutPlaces('{{artifact_dir}} {{brief_dir}}')}`;
  expect(fillPlaces(prompt, { artifact_dir: '/a$&', brief_dir: '/b' })).toBe(
    '/a$&/a, /b, {{ artifact_dir }} {{ brief_dir }}',
  );
});

it('a text that is too long is cut behind a whole line, and says so', () => {
  expect(firstBytes('äö\nü\n', 8, '…')).toBe('äö\nü\n');
  expect(firstBytes('äö\nüü\n', 8, '…')).toBe('äö\n…');
});
