import { createServer } from 'node:net';
import { isLeftAlone } from '../../infrastructure/processes/ending/left-alone';
import { leftOvers } from '../../infrastructure/processes/ending/left-overs';
import { ProcScanner } from '../../infrastructure/processes/proc/proc-scan';
import { RunFiles } from '../../infrastructure/processes/run-file';
import { fail, ok, warn, type Finding } from './finding';
import { ask, workerAt } from '../find-service';
import { readOperatorFile, tokenIn } from '../operator-file';
import { need, type CheckContext } from './check-context';

/** The port is free, ours, or somebody else's. Taken for a moment to see: what a permission allows nothing else tells. */
export async function checkPort({ config, service }: CheckContext): Promise<Finding | readonly Finding[]> {
  if (config === null) return [];
  const { host, port } = need(config);
  if (port === 0) return ok('port', 'whichever is free');
  const address = `${host}:${port}`;
  const refusal = await refusalOf(host, port);
  if (refusal === null) return ok('port', `${address} is free`);
  if (refusal !== 'EADDRINUSE') {
    const how = 'choose one above 1023, or free the address';
    return fail(
      'port',
      `${address}: ${refusal}`,
      `STAGEGATE_PORT: expected a port that may be used, saw ${refusal}; ${how}`,
    );
  }
  if (service.kind === 'answers' && new URL(service.url).port === String(port))
    return ok('port', `${address} is that of our own service`);
  const worker = await workerAt(`http://${address}`);
  const who = worker === null ? 'somebody else' : `another stagegate (worker ${worker})`;
  const line = `STAGEGATE_PORT: expected a free port, saw ${address} taken by ${who}; stop it or choose another port`;
  return fail('port', `${address} is taken by ${who}`, line);
}

/** A running service, as it speaks of itself. */
export async function checkService({ config, service, host }: CheckContext): Promise<Finding | readonly Finding[]> {
  if (config === null) return [];
  const { stateDir } = need(config);
  if (service.kind === 'none') return ok('service', 'none runs on this state');
  if (service.kind === 'dead') {
    const line = `up.json: expected a service that lives, saw ${service.worker} dead; start it again with stagegate up`;
    return warn('service', 'it was killed', line);
  }
  const { url, worker } = service;
  if (service.kind === 'silent') {
    const line = `${url}: expected an answer of ${worker}, saw none; look into its log, or start it again`;
    return fail('service', `${url} does not answer`, line);
  }
  const answer = await ask(url, '/health/ready', tokenIn(readOperatorFile(stateDir, worker)));
  if (answer?.status !== 200) {
    const seen = `${url} is not ready (${answer?.status ?? 'no answer'})`;
    return warn(
      'service',
      seen,
      `${url}/health/ready: expected 200, saw ${answer?.status ?? 'nothing'}; wait, then see its log`,
    );
  }
  const aside = asideIn(answer.body);
  if (aside.length > 0) return warn('service', `${url} is ready, some projects are set aside`, ...aside);
  const trouble = troubleIn(answer.body);
  if (trouble === null) return heldFinding(url, host.pidOf(worker));
  return warn(
    'service',
    `${url} is ready, its read models are not`,
    `read models: expected them to follow the log, saw ${trouble}; see its log`,
  );
}

/** Nobody's Ctrl-C and no service manager reaches a service that its starter has left behind. */
function heldFinding(url: string, pid: number | null): Finding {
  if (pid === null || !isLeftAlone(pid)) return ok('service', `${url} is ready`);
  const how = `stop it with kill ${pid}, and start node with dist/cli.js up in place of npx (docs/operations.md, Start and stop)`;
  const line = `service: expected what has started it, saw process ${pid} left alone, as by the kill of npx; ${how}`;
  return warn('service', `${url} is ready, and what has started it is gone`, line);
}

/** What workers of this machine left that were killed. */
export async function checkLeftOvers({ place, host }: CheckContext): Promise<Finding> {
  const { stateDir } = need(place);
  const left = await leftOvers(new RunFiles(stateDir), new ProcScanner(), (worker) => host.isProvablyDead(worker));
  if (left.length === 0) return ok('left-overs', 'none');
  const pids = left.flatMap((run) => run.pids);
  const seen = `${left.length} runs of dead workers, ${pids.length} processes of them alive`;
  const which = pids.length > 0 ? ` (pids ${pids.slice(0, 10).join(', ')})` : '';
  const how = 'start stagegate up, or land again: both end them first';
  return warn('left-overs', seen, `runs/: expected no run of a dead worker, saw ${left.length}${which}; ${how}`);
}

/** @returns the code of the error; null when nothing speaks against the address. */
function refusalOf(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code ?? 'an error');
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(null);
      });
    });
  });
}

function asideIn(body: unknown): readonly string[] {
  const { set_aside: aside = [] } = body as { set_aside?: readonly Record<'project' | 'cause' | 'remedy', string>[] };
  return aside.map(({ project, cause, remedy }) => `${project}: ${cause}; ${remedy}`);
}

function troubleIn(body: unknown): string | null {
  const { read_models: models } = body as { read_models?: { trouble?: { error: string } | null } };
  return models?.trouble?.error ?? null;
}
