import { textOf } from '../docs/pages';
import { readDockerfile } from './dockerfile';
import { dockerfileFaults } from './dockerfile-faults';

const FILE = textOf('Dockerfile');
const IGNORED = textOf('.dockerignore');

it('every path, version, variable, command and health check is that of the program', () => {
  expect(dockerfileFaults(readDockerfile(FILE), IGNORED)).toEqual([]);
});

it('nothing is sent to the build but what it copies', () => {
  const lines = IGNORED.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines[0]).toBe('*');
  const copied = readDockerfile(FILE).stages.flatMap(({ copies }) =>
    copies.flatMap(({ from, sources }) => (from === null ? sources : [])),
  );
  expect(lines.slice(1).sort()).toEqual([...new Set(copied)].map((path) => `!${path}`).sort());
});

const BREAKS: readonly (readonly [find: string, replace: string, said: RegExp])[] = [
  ['FROM node:20.20.2-bookworm-slim AS build', 'FROM node:20-bookworm-slim AS build', /Node with its version/],
  ['FROM node:20.20.2-bookworm-slim AS packages', 'FROM node:20.18.0-bookworm-slim AS packages', /expected Node 20.19/],
  ['FROM node:20.20.2-bookworm-slim AS packages', 'FROM node:20.20.2-bookworm-slim AS package', /no stage packages/],
  ['COPY src ./src', 'COPY source ./src', /source is not in the repository/],
  ['COPY src ./src', 'COPY src test ./', /keeps test away/],
  ['RUN npm run build', 'RUN npm run compile', /no script compile/],
  ['--from=build /app/dist', '--from=packages /app/dist', /is not made by stage packages/],
  ['npm ci --omit=dev', 'npm ci', /packages of development/],
  ['ca-certificates git tini', 'ca-certificates tini', /has no git/],
  ['ca-certificates git tini', 'ca-certificates git', /has no tini/],
  ['USER node', 'USER root', /runs as root/],
  ['USER node', 'USER gate', /is not gate's/],
  ['"--", "stagegate"', '"--", "gate"', /expected tini -- stagegate/],
  ['/app/dist/cli.js /usr', '/app/dist/main.js /usr', /is not on the path/],
  ['CMD ["up"]', 'CMD ["start"]', /has no verb start/],
  ['NODE_ENV=production', 'NODE_ENV=development', /expected NODE_ENV production/],
  ['STAGEGATE_STATE_DIR=', 'STAGEGATE_STATE=', /unknown variable/],
  ['STAGEGATE_STATE_DIR=/var/lib/stagegate', 'STAGEGATE_STATE_DIR=/var/lib/state', /is not node's/],
  ['?? 7420', '?? 7421', /expected port 7420/],
  ['/health/live', '/healthz/live', /expected one of \/health\/live, \/health\/ready/],
  ['["node", "-e"', '["curl", "-e"', /a check by node/],
];

it.each(BREAKS)('is noticed: %j becomes %j', (find, replace, said) => {
  const broken = FILE.replace(find, replace);
  expect(broken).not.toBe(FILE);
  expect(dockerfileFaults(readDockerfile(broken), IGNORED).join('\n')).toMatch(said);
});
