import { OPERATIONS } from '../../src/application/requests';
import { stanceOf } from '../../src/infrastructure/http/stance';
import { routes } from './routes';

export interface Order {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** Beside those of every order. */
  readonly headers: Readonly<Record<string, string>>;
}

const CLAIM = { claim: '1', secret: 'f'.repeat(64) };

/** Valid for `web.T1`, so that nothing but the caller is in the way; a new route that is not for everybody needs one. */
const ORDERS: Readonly<Record<string, { readonly paths: readonly string[]; readonly body?: object }>> = {
  'POST /v1/tasks': { paths: ['/v1/tasks'], body: { project: 'web', id: 'T2', branch: 'feature' } },
  'POST /v1/tasks/:id/:operation': { paths: OPERATIONS.map((name) => `/v1/tasks/web.T1/${name}`), body: {} },
  'POST /v1/tasks/:id/priority': { paths: ['/v1/tasks/web.T1/priority'], body: { priority: 7 } },
  'POST /v1/tasks/:id/evidence': {
    paths: ['/v1/tasks/web.T1/evidence'],
    body: {
      gate: 'check_ci_green',
      name: 'build',
      result: 'success',
      files: [{ name: 'junit.xml', text: '<testsuites/>' }],
    },
  },
  'POST /v1/tasks/:id/override': {
    paths: ['/v1/tasks/web.T1/override'],
    body: { gate: 'check_analysis_ready', reason: 'seen' },
  },
  'POST /v1/tasks/:id/waivers': {
    paths: ['/v1/tasks/web.T1/waivers'],
    body: { gate: 'check_analysis_ready', reason: 'seen' },
  },
  'POST /v1/projects/:project/switches/:name': {
    paths: ['/v1/projects/web/switches/stagingRunner'],
    body: { state: 'off', reason: 'why not' },
  },
  'POST /v1/projects/:project/lane/resume': {
    paths: ['/v1/projects/web/lane/resume'],
    body: { reason: 'seen' },
  },
  'POST /v1/alerts/:alert/acknowledge': { paths: ['/v1/alerts/web.T1%4019/acknowledge'], body: { note: 'on it' } },
  'POST /v1/alerts/:alert/close': { paths: ['/v1/alerts/web.T1%4019/close'], body: {} },
  'POST /v1/deliveries/redeliver': { paths: ['/v1/deliveries/redeliver'], body: { alert: 'web.T1@19', sink: 'pager' } },
  'POST /v1/work': { paths: ['/v1/work'], body: { role: 'reviewer' } },
  'POST /v1/work/:task/heartbeat': { paths: ['/v1/work/web.T1/heartbeat'], body: CLAIM },
  'POST /v1/work/:task/complete': { paths: ['/v1/work/web.T1/complete'], body: { ...CLAIM, artifact: '---' } },
  'POST /v1/work/:task/fail': { paths: ['/v1/work/web.T1/fail'], body: { ...CLAIM, reason: 'no' } },
  'POST /v1/work/:task/release': { paths: ['/v1/work/web.T1/release'], body: { ...CLAIM, reason: 'no' } },
  'POST /v1/tokens': { paths: ['/v1/tokens'], body: { name: 'mine', scopes: ['read'] } },
  'POST /v1/tokens/:token/revoke': { paths: ['/v1/tokens/ci/revoke'], body: {} },
  'GET /v1/tokens': { paths: ['/v1/tokens'] },
};

/** What decides about a task as it was seen. */
const MATCHING: readonly string[] = ['/v1/tasks/:id/override', '/v1/tasks/:id/waivers'];

/** Every route that needs a token wherever the service listens. */
export const GUARDED = routes()
  // Those of webhooks are let in by what they are signed with.
  .filter(({ handler }) => !['everybody', 'signed', 'read'].includes(stanceOf(handler)))
  .map(({ method, path }) => ({ method, path }));

/** Requests of such a route. @throws where nobody has said what would be one. */
export function ordersOf({ method, path }: { readonly method: string; readonly path: string }): readonly Order[] {
  const known = ORDERS[`${method} ${path}`];
  if (!known)
    throw new Error(`test/support/orders.ts: expected a valid request of ${method} ${path}, saw none; add one`);
  const headers: Readonly<Record<string, string>> = MATCHING.includes(path) ? { 'if-match': '*' } : {};
  return known.paths.map((one) => ({ method, path: one, ...(known.body && { body: known.body }), headers }));
}
