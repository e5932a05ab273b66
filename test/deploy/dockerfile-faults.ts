import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RequestMethod } from '@nestjs/common';
import { makeProgram } from '../../src/cli/program';
import { loadServiceConfig } from '../../src/infrastructure/config/service-config';
import { SERVICE_KEYS } from '../../src/infrastructure/config/service-keys';
import { HealthController } from '../../src/infrastructure/http/health.controller';
import { isAtLeast } from '../../src/infrastructure/system/version';
import { ROOT, textOf } from '../docs/pages';
import type { Dockerfile, Stage } from './dockerfile';

interface Manifest {
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Where the Dockerfile and the program disagree. @param ignored text of `.dockerignore` */
export function dockerfileFaults(file: Dockerfile, ignored: string): readonly string[] {
  const manifest = JSON.parse(textOf('package.json')) as Manifest;
  return [
    ...file.stages.flatMap((stage) => [...imageFaults(stage, manifest), ...copyFaults(stage, file, ignored)]),
    ...packageFaults(file),
    ...startFaults(file, manifest),
    ...healthFaults(file),
  ];
}

function imageFaults({ image, runs }: Stage, { engines, scripts }: Manifest): readonly string[] {
  const version = /^node:(\d+\.\d+\.\d+)-bookworm-slim$/.exec(image)?.[1];
  const minimum = engines.node.replace('>=', '');
  const unknown = runs
    .flatMap((run) => [...run.matchAll(/npm run (\S+)/g)].map(([, name = '']) => name))
    .filter((name) => !Object.hasOwn(scripts, name));
  return [
    ...unknown.map((name) => `no script ${name}`),
    ...(version === undefined ? [`expected Node with its version on Debian 12, whose git is 2.39, saw ${image}`] : []),
    ...(version !== undefined && !isAtLeast(version, minimum) ? [`expected Node ${minimum}, saw ${version}`] : []),
  ];
}

/** What is copied has to be there, in the folder that is built or in the stage before. */
function copyFaults({ copies }: Stage, { stages }: Dockerfile, ignored: string): readonly string[] {
  const allowed = ignored.split('\n').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  return copies.flatMap(({ from, sources }) =>
    sources.flatMap((source) => {
      if (from === null) {
        if (!existsSync(join(ROOT, source))) return [`${source} is not in the repository`];
        return allowed.includes(source) ? [] : [`.dockerignore keeps ${source} away`];
      }
      const stage = stages.find(({ name }) => name === from);
      if (!stage) return [`no stage ${from}`];
      return makes(stage, source) ? [] : [`${source} is not made by stage ${from}`];
    }),
  );
}

function makes({ copies, runs }: Stage, path: string): boolean {
  const run = runs.join('\n');
  if (path === '/app/node_modules') return run.includes('npm ci');
  if (path === '/app/dist') return run.includes('npm run build');
  return copies.some(({ sources }) => sources.includes(path.replace('/app/', '')));
}

/** Nothing that only development needs, and what the program runs. */
function packageFaults({ stages }: Dockerfile): readonly string[] {
  const last = stages.at(-1);
  const from = last?.copies.find(({ sources }) => sources.includes('/app/node_modules'))?.from;
  const install = stages.find(({ name }) => name === from)?.runs.join('\n') ?? '';
  const tools = /apt-get install .*?([^&]*)&&/.exec(last?.runs.join('\n') ?? '')?.[1]?.split(/\s+/) ?? [];
  return [
    ...(/npm ci .*--omit=dev/.test(install) ? [] : ['packages of development are in the image']),
    ...['ca-certificates', 'git', 'tini'].filter((tool) => !tools.includes(tool)).map((tool) => `has no ${tool}`),
  ];
}

function startFaults({ stages, env, user, entrypoint, command }: Dockerfile, { bin }: Manifest): readonly string[] {
  const [name, path] = Object.entries(bin)[0] ?? [];
  const runs = stages.at(-1)?.runs.join('\n') ?? '';
  const verbs = makeProgram(() => undefined).commands.map((verb) => verb.name());
  const { NODE_ENV, ...own } = env;
  const faults: string[] = [];
  if (user === 'root' || user === '0') faults.push('runs as root');
  if (entrypoint.join(' ') !== `/usr/bin/tini -- ${name}`) faults.push(`expected tini -- ${name}`);
  if (!runs.includes(`ln -s /app/${path} /usr/local/bin/${name}`)) faults.push(`${name} is not on the path`);
  if (!verbs.includes(command[0] ?? '')) faults.push(`${name} has no verb ${command[0]}`);
  if (NODE_ENV !== 'production') faults.push('expected NODE_ENV production');
  try {
    const { stateDir } = loadServiceConfig(own);
    if (!runs.includes(`install --directory --owner=${user} --group=${user} --mode=0700 ${stateDir}`))
      faults.push(`${stateDir} is not ${user}'s`);
  } catch (error) {
    faults.push((error as Error).message);
  }
  return faults;
}

function healthFaults({ healthcheck }: Dockerfile): readonly string[] {
  const [, port = '', path = ''] = /STAGEGATE_PORT \?\? (\d+)\}(\/[\w/]+)/.exec(healthcheck.join(' ')) ?? [];
  return [
    ...(healthcheck[0] === 'node' ? [] : [`expected a check by node, saw ${healthcheck[0]}`]),
    ...(port === SERVICE_KEYS.port.fallback ? [] : [`expected port ${SERVICE_KEYS.port.fallback}, saw ${port}`]),
    ...(healthRoutes().includes(path) ? [] : [`expected one of ${healthRoutes().join(', ')}, saw ${path}`]),
  ];
}

/** As Nest knows them. */
function healthRoutes(): readonly string[] {
  const { prototype } = HealthController;
  const base = Reflect.getMetadata('path', HealthController) as string;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = (prototype as unknown as Record<string, object>)[name] as object;
    const isGet = Reflect.getMetadata('method', handler) === RequestMethod.GET;
    return isGet ? [`/${base}/${Reflect.getMetadata('path', handler) as string}`] : [];
  });
}
