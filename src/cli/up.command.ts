import { alertSinks } from '../compose/alert-sinks';
import { Core } from '../compose/core';
import { tokenText } from '../domain/access/token-text';
import { loadAlerts } from '../infrastructure/config/alerts/load-alerts';
import { loadProjects, secretPlaces } from '../infrastructure/config/project/load-projects';
import { loadServiceConfig, type ServiceConfig } from '../infrastructure/config/service-config';
import { filesOf } from '../infrastructure/secrets/secret-place';
import { requireGit } from '../infrastructure/git/command/git-version';
import { Readiness } from '../infrastructure/http/readiness';
import { ProcessTelemetry } from '../infrastructure/telemetry/process-telemetry';
import { NodeHasher } from '../infrastructure/system/node-hasher';
import { PinoLogger } from '../infrastructure/system/pino-logger';
import { serveHttp, type HttpFace, type HttpOptions } from '../main';
import { EXIT } from './exit-codes';
import type { Output } from './output';
import { pipeWarnings, textsOf } from './pipe-warnings';
import { green } from './styled';
import { whenAskedToEnd } from './signals';
import { endAtOnce, stopInTime } from './stop-in-time';
import { takeUp } from './take-up';
import { removeOperatorFile, writeOperatorFile } from './operator-file';
import { removeUpFile, writeUpFile } from './up-file';
import { UserError } from './user-error';

const STOPPING = 'stopping: runs are ended and their claims given back; a landing under way is waited for';

/** Runs the service until it is told to stop. @returns the exit code. */
export async function up({ isNewLog }: { readonly isNewLog: boolean }, output: Output): Promise<number> {
  const startedAt = performance.now();
  const config = loadServiceConfig();
  await requireGit();
  const projects = loadProjects(config, new NodeHasher());
  const telemetry = new ProcessTelemetry();
  const logger = new PinoLogger({ level: config.logLevel, fieldsOf: () => telemetry.logFields() });
  const { stateDir, eventStore, readModel, agentEnvironment, setupCacheEnabled: setupCache, outsideMaxS } = config;
  const stores = { stateDir, eventStore, readModel, isNewLog };
  const alerts = loadAlerts(config.projectsFile);
  const sinks = alertSinks(alerts, logger);
  const core = await Core.prepare({
    ...stores,
    projects,
    agentEnvironment,
    setupCache,
    outsideBoundMs: outsideMaxS * 1000,
    logger,
    telemetry,
    hooksOf: (project) => projects.hooks(project),
    secretFiles: filesOf(secretPlaces(projects, alerts)),
    alertSinks: sinks,
  });
  try {
    const readiness = new Readiness(core.ground);
    const stop = whenAskedToEnd();
    void stop.asked.then(() => {
      stopInTime(core, output);
      output.note(readiness.phase === 'ready' ? STOPPING : `stopping before it was ready: ${waitedFor(readiness)}`);
    });
    void stop.askedAgain.then((by) => {
      endAtOnce(core, output, by);
    });
    // The address first: a second service on it must not touch anything.
    const operatorToken = tokenText(core.ids.secret());
    const face = await listen(core, readiness, config, { operatorToken, telemetry });
    try {
      const address = { url: face.url, worker: core.host.self };
      const isDead = (worker: string) => core.host.isProvablyDead(worker);
      // Before it is tried what runs can be kept from: this is.
      writeOperatorFile(stateDir, { ...address, token: operatorToken }, isDead);
      const conductor = await unlessAsked(stop.signal, takeUp(core, config, readiness, stop.signal));
      if (conductor === null) return EXIT.ok;
      try {
        readiness.phase = 'ready';
        const texts = projects.all().flatMap(({ policy }) => textsOf(policy));
        for (const line of await pipeWarnings(texts, core.runner)) logger.warn(line);
        writeUpFile(stateDir, address, isDead);
        announce(output, face, performance.now() - startedAt);
        await stop.asked;
        removeUpFile(stateDir, core.host.self);
      } finally {
        readiness.phase = 'stopping';
        await conductor.stop();
      }
    } finally {
      removeOperatorFile(stateDir, core.host.self);
      // Alerts that are on their way need no caller, and callers none of them.
      await Promise.all([face.close(), core.subscribers.stop()]);
    }
    return EXIT.ok;
  } finally {
    await core.close();
  }
}

/** @returns null when it was given up because somebody has asked to end. */
async function unlessAsked<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted && error instanceof Error && error.name === 'AbortError') return null;
    throw error;
  }
}

function waitedFor({ waitingFor }: Readiness): string {
  return waitingFor === null ? 'nothing has begun' : `it waited for its store (${waitingFor.code})`;
}

async function listen(
  core: Core,
  readiness: Readiness,
  {
    host,
    port,
    hostNames: names,
    trustedProxies: proxies,
    tokenRate: perToken,
    addressRate: perAddress,
  }: ServiceConfig,
  own: Pick<HttpOptions, 'operatorToken' | 'telemetry'>,
): Promise<HttpFace> {
  try {
    return await serveHttp(core, readiness, host, port, {
      ...own,
      names,
      proxies,
      rates: { perToken, perAddress },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new UserError(
        `STAGEGATE_PORT: expected a free port, saw ${host}:${port} in use; stop the other service or choose another port`,
      );
    }
    if (code === 'EADDRNOTAVAIL')
      throw new UserError(`STAGEGATE_HOST: expected an address of this machine, saw ${host}; name one that it has`);
    if (code === 'EACCES')
      throw new UserError(
        `STAGEGATE_PORT: expected a port that may be used, saw ${port} refused; choose one above 1023`,
      );
    throw error;
  }
}

function announce(output: Output, { url }: HttpFace, tookMs: number): void {
  if (output.isJson) output.json({ ready: { url, startMs: Math.round(tookMs) } });
  else output.line(green('ready'), ` ${url}/queue (${Math.round(tookMs)} ms)`);
}
