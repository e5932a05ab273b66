import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeRegistry } from '../support/fake-registry';
import { image, writeLayout, descriptor } from '../support/image-parts';
import type { SampleRepository } from '../support/sample-repository';
import { eachInOwnProject, isBack, isDone, isHeld, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

/** Builds an OCI layout of one image. What a file in the tree pins as its revision goes before the commit: a build that forgets. */
const BUILDER = `
const { createHash } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
const revision = existsSync('REVISION') ? readFileSync('REVISION', 'utf8').trim() : commit;
mkdirSync('out/blobs/sha256', { recursive: true });
const put = (mediaType, content) => {
  const text = JSON.stringify(content);
  const hex = createHash('sha256').update(text).digest('hex');
  writeFileSync('out/blobs/sha256/' + hex, text);
  return { mediaType, digest: 'sha256:' + hex, size: text.length };
};
const labels = { 'org.opencontainers.image.revision': revision };
const config = put('application/vnd.oci.image.config.v1+json', { created: new Date().toISOString(), config: { Labels: labels } });
const manifest = put('application/vnd.oci.image.manifest.v1+json', { schemaVersion: 2, config, layers: [] });
writeFileSync('out/oci-layout', '{"imageLayoutVersion":"1.0.0"}');
writeFileSync('out/index.json', JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
`;
/** Takes away what pins the revision, as the brief tells, and pushes that. */
const DEVELOPER = [
  'cp "$STAGEGATE_BRIEF_DIR"/image-check.md "$BRIEF_COPY"',
  'git rm -q REVISION',
  'git -c user.name=d -c user.email=d@e.f commit -qm unpin',
  'git push -q origin HEAD',
].join(' && ');

const requiredGates = ['check_image_fresh'];

let web: WebProject;
let sample: SampleRepository;
eachInOwnProject((made) => {
  web = made;
  sample = web.sample;
});

describe('an image that a command builds', () => {
  const layout = () => {
    writeFileSync(join(sample.root, 'build.cjs'), BUILDER);
    return { command: [process.execPath, join(sample.root, 'build.cjs')], layout: 'out', maxAge: '1h' };
  };

  test('of another commit sends the change back, tells the developer, and lands once it is of the candidate', async () => {
    const pinned = 'd'.repeat(40);
    sample.commit('feature', { 'a.txt': 'a\n', REVISION: `${pinned}\n` }, 'main');
    // Main has moved since, so what lands is a commit that nobody has built before.
    sample.commit('main', { 'b.txt': 'b\n' });
    const copy = join(sample.root, 'brief.md');
    await web.up({
      requiredGates,
      image: layout(),
      agents: { developer: { command: DEVELOPER.replace('$BRIEF_COPY', copy) } },
    });
    await web.submit('T1', 'feature');
    await web.until('T1', isDone);
    expect((await web.runsOf('T1')).filter((run) => /image|agent|landing/.test(run))).toEqual([
      'image-check evidence',
      'agent:developer agent-done',
      'image-check evidence',
      'landing landed',
    ]);
    expect(readFileSync(copy, 'utf8')).toContain(`built from ${pinned}, expected `);
    const queue = await web.json('queue');
    expect(queue).toMatchObject({ image_gate: { running: 0, passed: 1, failed: 1, toolErrors: 0 } });
  });

  test('is told by why, and a commit of its own is no substitute for the build', async () => {
    const { manifest, config } = image('d'.repeat(40));
    const folder = join(sample.root, 'made');
    writeLayout(folder, [descriptor(manifest)], [manifest, config]);
    sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
    await web.up({ requiredGates, image: { command: `cp -r ${folder} out`, layout: 'out' } });
    await web.submit('T1', 'feature');
    await web.until('T1', isBack);
    expect(await web.why('T1')).toMatch(/the image is not the one that this commit makes/);
    expect(await web.why('T1')).toMatch(/built from d{40}, expected [0-9a-f]{40}/);
    expect(await web.why('T1')).toContain('stagegate override web.T1 check_image_fresh');
  });

  test.each([
    ['builds nothing', 'true', 'no_report', /index.json/],
    ['builds half of it', 'mkdir -p out && echo "{}" > out/index.json', 'no_report', /oci-layout, saw none/],
    ['breaks', 'exit 7', 'tool_failed', /saw 7/],
  ])('is held, never red and never green, when the command %s', async (_what, command, reason, words) => {
    sample.commit('feature', { 'a.txt': 'a\n', 'out/index.json': '{}' }, 'main');
    await web.up({ requiredGates, image: { command, layout: 'out' }, budgets: { infra: 1 } });
    await web.submit('T1', 'feature');
    await web.until('T1', isHeld);
    const told = await web.json('why', 'web.T1');
    expect(told).toMatchObject({ stage: 'deploy-staging', code: 'held:infra-exhausted', failure: { reason } });
    expect(await web.why('T1')).toMatch(words);
  });
});

describe('an image in a registry', () => {
  test('is awaited by the name of the candidate, with the credentials of the service, and lands', async () => {
    const registry = await FakeRegistry.start();
    try {
      const head = sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
      registry.instead = ({ headers }, response) => {
        if (headers.authorization === `Basic ${Buffer.from('ci:s3cret').toString('base64')}`) return false;
        response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
        return true;
      };
      const name = `${registry.host}/team/app:{commit}`;
      const settings = { registry: name, credentials: 'REGISTRY_LOGIN', insecure: true };
      await web.up({ requiredGates, image: settings, budgets: { infra: 100 } }, { REGISTRY_LOGIN: 'ci:s3cret' });
      await web.submit('T1', 'feature');
      // Asked for, and not there: nothing is known of the change, and it is asked again.
      while (!registry.asked.some(({ path, authorization }) => authorization && path.endsWith(head)))
        await new Promise((resolve) => setTimeout(resolve, 20));
      const { manifest, config } = image(head);
      registry.push('team/app', head, manifest, config);
      await web.until('T1', isDone);
      expect(await web.runsOf('T1')).toEqual(
        expect.arrayContaining(['image-check tool-error', 'image-check evidence']),
      );
      const { stdout } = await web.run('show', 'web.T1', '--json');
      expect(stdout).not.toContain('s3cret');
    } finally {
      await registry.stop();
    }
  });

  test('without the variable for its credentials holds the task at once, and says which', async () => {
    sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
    await web.up({ requiredGates, image: { registry: 'registry.invalid/team/app:1', credentials: 'NO_SUCH_LOGIN' } });
    await web.submit('T1', 'feature');
    await web.until('T1', isHeld);
    expect(await web.why('T1')).toMatch(/the registry does not let us in/);
    expect(await web.why('T1')).toMatch(/NO_SUCH_LOGIN/);
  });
});
