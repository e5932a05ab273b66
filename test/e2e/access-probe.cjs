// Run as a suite or as an agent: tries every route that is not for everybody with whatever it was given, and looks for more. `node access-probe.cjs <plan> <found>`
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const TOKEN = /sgt_[0-9a-f]{64}/g;
const [, , plan, found] = process.argv;
const { stateDir, routes } = JSON.parse(readFileSync(plan, 'utf8'));
const given = new Set();
const taken = new Set();

function look(path, into) {
  try {
    for (const token of readFileSync(path, 'latin1').match(TOKEN) ?? []) into.add(token);
  } catch {
    // It may not read that.
  }
}

function lookBelow(folder, into) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // Nor that.
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) lookBelow(path, into);
    else if (entry.isFile()) look(path, into);
  }
}

async function main() {
  for (const text of [...Object.values(process.env), ...process.argv])
    for (const token of text.match(TOKEN) ?? []) given.add(token);
  lookBelow(process.cwd(), given);
  for (const name of ['STAGEGATE_PROMPT_FILE', 'STAGEGATE_ARTIFACT_DIR'])
    if (process.env[name]) lookBelow(join(process.env[name], '..'), given);
  lookBelow(stateDir, taken);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    for (const name of ['environ', 'cmdline']) look(`/proc/${pid}/${name}`, taken);
  const { url } = JSON.parse(readFileSync(join(stateDir, 'up.json'), 'utf8'));
  const answers = [];
  for (const token of [null, ...given])
    for (const { method, path, body } of routes) {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
      const { status } = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      answers.push(`${method} ${path} ${status}`);
    }
  const environment = Object.keys(process.env);
  writeFileSync(found, JSON.stringify({ given: [...given], taken: [...taken], answers, environment }));
}

void main();
