import 'reflect-metadata';
import { getMetadataStorage } from 'class-validator';
import { OPERATIONS } from '../../src/application/requests';
import {
  ChangePriorityDto,
  EvidenceDto,
  OperateTaskDto,
  OverrideGateDto,
  WaiverDto,
  SubmitTaskDto,
} from '../../src/infrastructure/http/task.dto';
import { CreateTokenDto, RevokeTokenDto } from '../../src/infrastructure/http/token.dto';
import { AnswerAlertDto } from '../../src/infrastructure/http/alert.dto';
import { ResumeLaneDto } from '../../src/infrastructure/http/lane.dto';
import { stanceOf } from '../../src/infrastructure/http/stance';
import { SetSwitchDto } from '../../src/infrastructure/http/switch.dto';
import { ClaimDto, CompleteWorkDto, GiveUpWorkDto, TakeWorkDto } from '../../src/infrastructure/http/work.dto';
import { COUNTERS } from '../../src/projections/queue/projectors/queue-count.projector';
import { CONTROLLERS, routes } from '../support/routes';
import { filesBelow, codeIn, rowsUnder, sources, textOf } from './pages';
import { membersOf, unionOf } from './typescript-shapes';

const PAGE = 'docs/rest.md';

it('knows every controller', () => {
  const files = filesBelow('src').filter((file) => file.endsWith('.controller.ts'));
  expect(files).toHaveLength(CONTROLLERS.length);
});

it('routes are those of the controllers', () => {
  const documented = rowsUnder(PAGE, 'Routes').map(([method = '', path = '']) => `${method} ${codeIn(path)[0] ?? ''}`);
  expect([...documented].sort()).toEqual(
    routes()
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  );
});

it('scopes are those that the routes ask for', () => {
  const documented = rowsUnder(PAGE, 'Routes').map(([method = '', path = '', scope = '']) => [
    `${method} ${codeIn(path)[0] ?? ''}`,
    codeIn(scope)[0] ?? null,
  ]);
  const asked = routes().map(({ method, path, handler }) => {
    const stance = stanceOf(handler);
    return [`${method} ${path}`, stance === 'everybody' || stance === 'signed' ? null : stance];
  });
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(asked));
});

/** Those of what an event says of an artifact, but for its digest, which has another name. */
const CITED = membersOf('src/domain/task/cited-artifacts.ts', 'CitedArtifact').filter((name) => name !== 'digest');

it('operations are those of the command line', () => {
  expect(codeIn(textOf(PAGE).split('`:operation` is ')[1]?.split(';')[0] ?? '')).toEqual([...OPERATIONS]);
});

it.each([
  ['Submit', SubmitTaskDto, ['project', 'branch']],
  ['Operations', OperateTaskDto, []],
  ['Priority', ChangePriorityDto, ['priority']],
  ['Override', OverrideGateDto, ['gate', 'reason']],
  ['Waivers', WaiverDto, ['gate', 'reason']],
  ['Evidence', EvidenceDto, ['gate', 'name', 'result']],
  ['Tokens', CreateTokenDto, ['name', 'scopes']],
  ['Revoking a token', RevokeTokenDto, []],
  ['Switches', SetSwitchDto, ['state', 'reason']],
  ['Resume a lane', ResumeLaneDto, ['reason']],
  ['Alerts', AnswerAlertDto, []],
  ['Take work', TakeWorkDto, []],
  ['Heartbeat', ClaimDto, ['claim', 'secret']],
  ['Complete work', CompleteWorkDto, ['claim', 'secret']],
  ['Give up work', GiveUpWorkDto, ['claim', 'secret', 'reason']],
] as const)('the body under %s has the members that are validated', (heading, dto, required) => {
  const rows = rowsUnder(PAGE, heading);
  const validated = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = [...new Set(validated.map(({ propertyName }) => propertyName))];
  expect(rows.map(([member = '']) => codeIn(member)[0]).sort()).toEqual(names.sort());
  const demanded = rows.filter(([, isRequired]) => isRequired === 'yes').map(([member = '']) => codeIn(member)[0]);
  expect(demanded).toEqual(required);
  const optional = validated
    .filter(({ type }) => type === 'conditionalValidation')
    .map(({ propertyName }) => propertyName);
  expect([...names].filter((name) => !optional.includes(name)).sort()).toEqual([...required].sort());
});

it.each([
  ['Why', ['src/domain/task/words/why.ts', 'Explanation'], ['expected']],
  ['Work', ['src/projections/queue/get-work.query.ts', 'OfferedWork'], []],
  ['Runs', ['src/projections/runs/run.projector.ts', 'Run'], []],
  ['Artifacts', ['src/projections/task/list-artifacts.query.ts', 'ArtifactView'], CITED],
  ['Queue', ['src/projections/queue/get-queue.query.ts', 'QueueView'], []],
] as const)('the answer under %s has the members of its type', (heading, [file, type], added) => {
  const documented = rowsUnder(PAGE, heading).flatMap(([member = '']) => codeIn(member));
  const members = membersOf(file, type).map((name) => name.replace('?', ''));
  expect([...documented].sort()).toEqual([...members, ...added].sort());
});

it('a task of the queue has the members of its type', () => {
  const [, sentence = ''] = textOf(PAGE).split('A task in `stages` has ');
  const documented = codeIn(sentence.split('\n\n')[0] ?? '');
  expect(documented).toEqual(membersOf('src/projections/queue/queue-entry.ts', 'QueueEntry'));
});

it('every counter of the queue is named', () => {
  const rows = new Map(rowsUnder(PAGE, 'Queue').map(([member = '', value = '']) => [codeIn(member)[0], codeIn(value)]));
  for (const [block, names] of Object.entries(COUNTERS))
    expect(rows.get(block)).toEqual(expect.arrayContaining([...names]));
});

it('run outcomes are those of the projection', () => {
  const [, outcomes = ''] = rowsUnder(PAGE, 'Runs').find(([member = '']) => member.includes('`outcome`')) ?? [];
  expect(codeIn(outcomes)).toEqual([...unionOf('src/projections/runs/run.projector.ts', 'RunOutcome'), 'cancelled']);
});

it('problem codes are those that the program can answer with', () => {
  const rows = rowsUnder(PAGE, 'Problems').map(
    ([code = '', status]) => [codeIn(code)[0] ?? '', Number(status)] as const,
  );
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries([...refusals(), ...FROM_HTTP]));
});

/** Made by Nest, the filter and the server, whatever the route. */
const FROM_HTTP = [
  ['bad-request', 400],
  ['not-found', 404],
  ['unsigned', 401],
  ['not-acceptable', 406],
  ['request-timeout', 408],
  ['range-not-satisfiable', 416],
  ['request-header-fields-too-large', 431],
  ['service-unavailable', 503],
  ['internal', 500],
] as const;

/** As `refused` in operations.ts and STATUS in problem.filter.ts have it. */
function refusals(): readonly (readonly [code: string, status: number])[] {
  const STATUS: Readonly<Record<string, number>> = {
    unauthenticated: 401,
    forbidden: 403,
    invalid: 422,
    unknown: 404,
    conflict: 409,
    malformed: 400,
    gone: 410,
    limited: 429,
    moved: 412,
    unconditional: 428,
  };
  const thrown = [...sources().matchAll(/new RequestRefused\(\s*'(\w+)',\s*'([\w-]+)'/g)].map(
    ([, kind = '', code = '']) => [code, STATUS[kind] ?? 0] as const,
  );
  const unfit = [...sources().matchAll(/throw unfit\('([\w-]+)'/g)].map(([, code = '']) => [code, 422] as const);
  const ofRepository = unionOf('src/application/repository-refusal.ts', 'RepositoryRefusal.code').map(
    (code) => [code, 422] as const,
  );
  const ofDecider = [...unionOf('src/domain/task/task.rejections.ts', 'TaskRejection'), 'contended', 'reused-key'].map(
    (code) => {
      const isInvalid = code.startsWith('invalid-');
      const others = {
        'reused-key': 422,
        'not-allowed': 403,
        'not-your-claim': 403,
        'unknown-task': 404,
        'unknown-alert': 404,
      }[code];
      return [code, others ?? (isInvalid ? 422 : 409)] as const;
    },
  );
  const ofTokens = unionOf('src/domain/access/access.commands.ts', 'AccessRejection').map((code) => {
    const others = { 'not-allowed': 403, 'unknown-token': 404 }[code];
    return [code, others ?? (code.startsWith('invalid-') ? 422 : 409)] as const;
  });
  const ofPages = [
    ...textOf('src/infrastructure/http/refuse-foreign-pages.ts').matchAll(/status: (\d+), code: '([\w-]+)'/g),
  ].map(([, status, code = '']) => [code, Number(status)] as const);
  return [...thrown, ...unfit, ...ofRepository, ...ofDecider, ...ofTokens, ...ofPages];
}
