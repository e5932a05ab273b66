// Suite and agent of the soak's odd project in one: does what the only file in `odd/` of the branch says. `HOME` is a folder in
// the folder that everything of the run is in.
const { spawn } = require('node:child_process');
const { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = dirname(process.env.HOME);
const [task] = readdirSync('odd');
const fate = readFileSync(join('odd', task), 'utf8').trim();

/** NUL, terminal escapes, marks that turn text around; no UTF-8; a line that is cut within a character. */
const BYTES = Buffer.concat([
  Buffer.from('plain \u0000 nul \u001b]0;title\u0007 \u202e turned \u2028\n'),
  Buffer.from([0xed, 0xa0, 0x80, 0xff, 0xfe, 0xc0, 0x80, 0x0a]),
  Buffer.from(`${'x'.repeat(299)}\u{1f600}\n${'\u{1f600}'.repeat(400)}\n`),
]);

const say = (data) => new Promise((done) => process.stdout.write(data, done));

async function sayOften(data, times, code) {
  for (let time = 0; time < times; time += 1) await say(data);
  return code;
}

/** True once for each name. */
function isFirst(name) {
  try {
    mkdirSync(join(process.env.HOME, name));
    return true;
  } catch {
    return false; // There already.
  }
}

/** Commands in every place of a repository of the service's own where git would look for one. */
function plantIn(dir) {
  const canary = `touch ${join(root, 'canary')}`;
  appendFileSync(
    join(dir, 'config'),
    `[core]\n\tfsmonitor = ${canary}\n\thooksPath = ${dir}/hooks\n[filter "x"]\n\tclean = ${canary}\n\tsmudge = ${canary}\n` +
      `[merge "x"]\n\tdriver = ${canary}\n[uploadpack]\n\tpackObjectsHook = ${canary}\n`,
  );
  for (const folder of ['info', 'hooks']) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'info/attributes'), '* filter=x merge=x\n');
  for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change']) {
    writeFileSync(join(dir, 'hooks', hook), `#!/bin/sh\n${canary}\n`);
    chmodSync(join(dir, 'hooks', hook), 0o755);
  }
}

async function plantEverywhere() {
  for (const replica of readdirSync(root).filter((name) => /^replica-\d+$/.test(name))) {
    const repos = join(root, replica, 'repos');
    for (const name of readdirSync(repos)) {
      try {
        plantIn(join(repos, name));
      } catch (error) {
        await say(`${error}\n`); // The service is making it anew, which is the point.
      }
    }
  }
  return 1;
}

const FATES = {
  bytes: () => sayOften(BYTES, 200, 1),
  'long-line': () => sayOften('\u{1f600}'.repeat(2_500_000), 1, 1),
  flood: () => sayOften(Buffer.alloc(1 << 20, BYTES), 64, 1),
  'retest-bytes': () => sayOften(BYTES, 10, isFirst(`retest-${task}`) ? 0 : 1),
  daemon: async () => {
    spawn('setsid', ['sleep', '300'], { detached: true, stdio: 'ignore' }).unref();
    return 1;
  },
  stubborn: () => {
    process.on('SIGTERM', () => undefined);
    setInterval(() => undefined, 1_000_000);
    return new Promise(() => undefined);
  },
  'own-config': plantEverywhere,
  'agent-number': () => sayOften('{"cost_usd":1e299,"tokens":{"input":1e29,"output":-1e29},"duration_ms":1e29}', 1, 0),
  'agent-deep': () => sayOften(`{"usage":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 1, 0),
  'agent-bytes': async () => {
    await say('{"result":"\\ud800 \\u0000","session_id":"\\udfff"}\n');
    return sayOften(BYTES, 10, 0);
  },
};

FATES[fate]().then((code) => {
  process.exitCode = code;
});
