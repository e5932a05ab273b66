/** Finds eval, and says so in SARIF. */
const SCANNER = `const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const files = readdirSync('lib').map((name) => 'lib/' + name).sort();
const results = files.flatMap((uri) => readFileSync(uri, 'utf8').split('\\n').flatMap((text, at) => text.includes('eval(') ? [{
  ruleId: 'no-eval', level: 'error', message: { text: 'evaluates text' },
  locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: at + 1, snippet: { text } } } }],
}] : []));
writeFileSync('scan.sarif', JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'scan' } }, results }] }));
`;

/**
 * Commits its branch's draft first. After that it repairs, with a change that lies ready, but only what its brief tells:
 * a developer who learns nothing ends with an error.
 */
const DEVELOPER = `#!/bin/sh
set -eu
tale="$(dirname "$0")/tales/\${STAGEGATE_TASK#*.}"
if [ -z "$STAGEGATE_REASON" ]; then change=draft
elif grep -rqF -- "$(cat "$tale/knows")" "$STAGEGATE_PROMPT_FILE" "$STAGEGATE_BRIEF_DIR"; then change=repair
else echo 'nothing in the brief says what to repair' >&2; exit 1
fi
cp -R "$tale/$change/." .
git add --all
git -c user.name=script -c user.email=script@example.org commit --quiet -m "Sell them, $change"
git push --quiet origin HEAD
`;

/** Approves of whatever adds no TODO. */
const REVIEWER = `#!/bin/sh
set -eu
found=$(git diff "$STAGEGATE_MAIN..." | grep '^+.*TODO' || true)
verdict=APPROVED; [ -z "$found" ] || verdict=REQUEST_CHANGES
printf -- '---\\nreview_status: %s\\n---\\n\\n%s\\n' "$verdict" "\${found:-Nothing is left to do.}" > "$STAGEGATE_ARTIFACT_DIR/$STAGEGATE_ARTIFACT"
`;

/** Builds the shop's image: an OCI layout without layers, labelled by what `image.env` says. */
const BUILDER = `const { createHash } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
const revision = readFileSync('image.env', 'utf8').trim().replace('revision=', '').replace('$COMMIT', commit);
mkdirSync('image/blobs/sha256', { recursive: true });
const put = (mediaType, content) => {
  const text = JSON.stringify(content);
  const hex = createHash('sha256').update(text).digest('hex');
  writeFileSync('image/blobs/sha256/' + hex, text);
  return { mediaType, digest: 'sha256:' + hex, size: text.length };
};
const config = put('application/vnd.oci.image.config.v1+json', {
  created: new Date().toISOString(),
  config: { Labels: { 'org.opencontainers.image.revision': revision } },
});
const manifest = put('application/vnd.oci.image.manifest.v1+json', { schemaVersion: 2, config, layers: [] });
writeFileSync('image/oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
writeFileSync('image/index.json', JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
`;

/** Puts the shop where customers see it. Each kind of fruit needs a shelf, which people build. */
const DEPLOY = `#!/bin/sh
set -eu
fruit=\${STAGEGATE_TASK#*.}
[ -d "$(dirname "$0")/site/$fruit" ] || { echo "no shelf for $fruit" >&2; exit 1; }
cp -R lib "$(dirname "$0")/site/$fruit/"
`;

/** Looks at what was deployed. */
const HEALTH = `#!/bin/sh
set -eu
shelf="$(dirname "$0")/site/\${STAGEGATE_TASK#*.}"
[ ! -e "$shelf/rot" ] || { echo "they rot on $shelf" >&2; exit 1; }
[ -d "$shelf/lib" ]
`;

/** What an operator's machine has: the commands of the project file, none of which a branch can change. */
export const TOOLS: Readonly<Record<string, string>> = {
  'scan.cjs': SCANNER,
  'developer.sh': DEVELOPER,
  'reviewer.sh': REVIEWER,
  'image.cjs': BUILDER,
  'deploy.sh': DEPLOY,
  'health.sh': HEALTH,
};
