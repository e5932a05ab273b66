// The layers, as rules. Every rule is seeded with a violation by test/architecture/layers.spec.ts.
const COMPOSITION = '^src/(main|cli|app\\.module)\\.ts$|^src/(compose|cli)/';
/** What every projection stands on, by folder. */
const PROJECTION_MECHANISM = '^src/projections/(events|following|generations|past|rows)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment: 'The domain imports nothing outside itself: no package, no module of Node.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'application-knows-domain-and-ports',
      comment: 'The application imports the domain and itself; only its bus knows Nest.',
      severity: 'error',
      from: { path: '^src/application/' },
      to: { pathNot: '^src/(application|domain)/|(^|/)node_modules/@nestjs/cqrs/' },
    },
    {
      name: 'nest-in-the-bus-only',
      comment: 'The simulation runs the application without Nest.',
      severity: 'error',
      from: { path: '^src/application/', pathNot: '^src/application/bus/' },
      to: { path: '(^|/)node_modules/@nestjs/' },
    },
    {
      name: 'infrastructure-implements-ports',
      comment: 'Adapters know the application and the domain, not the read side and not who composes them.',
      severity: 'error',
      from: { path: '^src/infrastructure/', pathNot: '^src/infrastructure/http/' },
      to: { path: '^src/', pathNot: '^src/(infrastructure|application|domain)/' },
    },
    {
      name: 'http-serves-queries',
      comment: 'The REST face may know the queries of the read side, and nothing that composes.',
      severity: 'error',
      from: { path: '^src/infrastructure/http/' },
      to: { path: '^src/', pathNot: '^src/(infrastructure|application|domain|projections)/' },
    },
    {
      name: 'projections-read-only-events-and-ports',
      comment: 'The read side knows the domain and ports, never an adapter.',
      severity: 'error',
      from: { path: '^src/projections/' },
      to: { path: '^src/', pathNot: '^src/(projections|application|domain)/' },
    },
    {
      name: 'projections-packages',
      comment: 'SQL through Kysely, handlers through Nest; nothing else.',
      severity: 'error',
      from: { path: '^src/projections/' },
      to: { pathNot: '^src/|(^|/)node_modules/(@nestjs/(common|cqrs)|kysely)/' },
    },
    {
      name: 'projections-are-islands',
      comment: 'A projection shares the mechanism that all of them stand on, never another projection.',
      severity: 'error',
      from: { path: '^src/projections/([^/]+)/', pathNot: PROJECTION_MECHANISM },
      to: { path: '^src/projections/[^/]+/', pathNot: ['^src/projections/$1/', PROJECTION_MECHANISM] },
    },
    {
      name: 'mechanism-knows-no-projection',
      comment: 'What all projections stand on stands on none of them.',
      severity: 'error',
      from: { path: PROJECTION_MECHANISM },
      to: { path: '^src/projections/[^/]+/', pathNot: PROJECTION_MECHANISM },
    },
    {
      name: 'projectors-are-pure',
      comment: 'A projector sees events and the domain.',
      severity: 'error',
      from: { path: '\\.projector\\.ts$' },
      to: {
        pathNot: '^src/domain/|^src/projections/(events/(log-event|state-text)|rows/tables)\\.ts$|\\.projector\\.ts$',
      },
    },
    {
      name: 'nobody-imports-the-composition',
      comment: 'Only the composition joins the layers; whoever imports it would join them too.',
      severity: 'error',
      from: { path: '^src/', pathNot: COMPOSITION },
      to: { path: COMPOSITION },
    },
    { name: 'no-cycles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'A file nobody needs.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/cli\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
