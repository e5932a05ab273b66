import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandsOf } from '../../src/domain/policy/commands';
import { BUILT_IN_DEFAULTS } from '../../src/infrastructure/config/project/policy-defaults';
import { readProjectFile } from '../../src/infrastructure/config/project/load-projects';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { textOf } from './pages';

const folder = mkdtempSync(join(tmpdir(), 'stagegate-gates-docs-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const BLOCKS = [...textOf('docs/gates.md').matchAll(/```yaml\n((\w+):\n[\s\S]*?)```/g)].map(
  ([, block = '', key = '']) => ({
    key,
    block,
  }),
);

it('has a block for each gate', () => {
  expect(BLOCKS.map(({ key }) => key)).toEqual(expect.arrayContaining(['judge', 'security', 'coverage']));
});

it.each(BLOCKS)('the block $key can be copied into a project file', ({ key, block }) => {
  const file = join(folder, `${key}.yml`);
  const inner = block.replace(/^/gm, '    ').trimEnd();
  writeFileSync(file, `projects:\n  web:\n    repo: /r\n    staging: { suite: npm test }\n${inner}\n`);
  const [read] = readProjectFile(file, new NodeHasher(), BUILT_IN_DEFAULTS);
  const commands = read ? commandsOf(read.project.policy) : [];
  // Its command is that of the re-test.
  expect(commands.map((each) => each.key)).toContain(key === 'judge' ? 'staging.suite' : `${key}.command`);
});
