import 'reflect-metadata';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';
import type { Core } from './compose/core';
import { unlessClosing } from './infrastructure/http/close-readably';
import { refuseForeignPages } from './infrastructure/http/refuse-foreign-pages';
import { hookDoor, HOOKS_PATH, unlessSigned } from './infrastructure/http/hook-door';
import { refuseTokens } from './infrastructure/http/refuse-tokens';
import { refuseUnstorableBody, refuseUnstorableUrl, verifyUtf8 } from './infrastructure/http/refuse-unstorable';
import { callerByToken, KnownCaller, type CallerOf } from './infrastructure/http/caller';
import { isLoopbackHost, isOpenDoor, urlHost } from './infrastructure/http/binding';
import { KnownParameters } from './infrastructure/http/known-parameters';
import { KnownConditions } from './infrastructure/http/conditions';
import { HTTP_LIMITS, type HttpLimits } from './infrastructure/http/http-limits';
import { LimitedAdapter } from './infrastructure/http/limited-adapter';
import { bodyRules } from './infrastructure/http/member-faults';
import { RateLimits } from './infrastructure/http/rate/rate-limits';
import { RATES, type Rates } from './infrastructure/http/rate/rates';
import { ProblemFilter } from './infrastructure/http/problem.filter';
import type { Readiness } from './infrastructure/http/readiness';
import { observeRequests } from './infrastructure/http/metrics/observe-requests';
import { ProcessTelemetry } from './infrastructure/telemetry/process-telemetry';
import { ShowsWhatItAccepted } from './infrastructure/http/shows-what-it-accepted';

/** The largest body anybody has a reason to send. */
const MAX_BODY = '1mb';

export interface HttpFace {
  readonly url: string;
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly limits?: HttpLimits;
  /** Lets the service's own user do what operators do; default: only those do who have a token of the log. */
  readonly operatorToken?: string | null;
  readonly callerOf?: CallerOf;
  /** By which it is asked for in `Host`, beside its addresses. */
  readonly names?: readonly string[];
  /** Addresses and ranges that are believed whom they pass on. */
  readonly proxies?: readonly string[];
  /** What the core was given, where it was given any. */
  readonly telemetry?: ProcessTelemetry;
  readonly rates?: Rates;
}

/** Serves the REST face. @throws the listener's error, `EADDRINUSE` among them. */
export async function serveHttp(
  core: Core,
  readiness: Readiness,
  host: string,
  port: number,
  {
    limits = HTTP_LIMITS,
    operatorToken = null,
    callerOf = callerByToken(core, operatorToken),
    names = [],
    proxies = [],
    telemetry = new ProcessTelemetry(),
    rates = RATES,
  }: HttpOptions = {},
): Promise<HttpFace> {
  // Nest declares its options as a class, and takes plain objects everywhere.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  const options: NestApplicationOptions = { logger: false, abortOnError: false, bodyParser: false };
  const adapter = new LimitedAdapter(limits);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.of(core, readiness, limits, telemetry),
    adapter,
    options,
  );
  app.disable('x-powered-by');
  // Of a task it is its revision; a hash of the bytes would be another one for each position of the log.
  app.disable('etag');
  app.use(observeRequests(telemetry));
  // Whom a request comes from, where a proxy is known that says so.
  app.set('trust proxy', [...proxies]);
  const rateLimits = new RateLimits(core.clock, rates);
  for (const handler of hookDoor(core.signedDeliveries(), MAX_BODY, rateLimits, telemetry))
    app.use(HOOKS_PATH, handler);
  app.use(unlessSigned(refuseForeignPages({ isLoopback: isLoopbackHost(host), names })));
  app.use(refuseUnstorableUrl);
  app.useBodyParser('json', { limit: MAX_BODY, verify: verifyUtf8 });
  app.use(unlessClosing);
  app.use(unlessSigned(refuseUnstorableBody));
  app.use(unlessSigned(refuseTokens));
  app.useGlobalGuards(
    new KnownCaller({ callerOf, isOpen: isOpenDoor({ host, proxies }), limits: rateLimits }),
    new KnownParameters(),
    new KnownConditions(),
  );
  app.useGlobalPipes(bodyRules());
  app.useGlobalInterceptors(new ShowsWhatItAccepted(core.projector, core.clock));
  app.useGlobalFilters(new ProblemFilter(core.settings.logger));
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  return { url: urlOf(app, host), close: () => app.close() };
}

function urlOf(app: INestApplication, host: string): string {
  const address = (app.getHttpServer() as { address(): { port: number } }).address();
  return `http://${urlHost(host)}:${address.port}`;
}
