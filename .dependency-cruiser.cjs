// The layers of docs/architecture.md: imports point inward only, and nothing runs in a circle.
const leaf = '^src/(base|protocol|pipeline|git)/';
const domains =
  '^src/(repos|projects|schedules|changes|groups|jobs|builds|artifacts|logs|secrets|workers|tokens|history|accounts)/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'base-is-a-leaf',
      severity: 'error',
      from: { path: '^src/base/' },
      to: { path: '^src/', pathNot: '^src/base/' },
    },
    {
      name: 'leaves-know-base-only',
      severity: 'error',
      from: { path: '^src/(protocol|pipeline)/' },
      to: { path: '^src/', pathNot: ['^src/base/', '^src/$1/'] },
    },
    {
      name: 'git-knows-base-and-protocol',
      severity: 'error',
      from: { path: '^src/git/' },
      to: { path: '^src/', pathNot: ['^src/(base|protocol|git)/'] },
    },
    {
      name: 'database-knows-leaves-only',
      severity: 'error',
      from: { path: '^src/(database|storage)/' },
      to: { path: '^src/', pathNot: [leaf, '^src/$1/'] },
    },
    {
      name: 'domains-point-inward',
      severity: 'error',
      from: { path: domains },
      to: { path: '^src/', pathNot: [leaf, '^src/(database|storage)/', domains] },
    },
    {
      name: 'a-domain-is-entered-by-its-index',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: '^src/(repos|projects|schedules|changes|groups|jobs|builds|artifacts|logs|secrets|workers|tokens|history|accounts)/',
        pathNot: ['^src/$1/', '/index\\.ts$', '\\.state\\.ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'engines-do-not-know-the-edge',
      severity: 'error',
      from: { path: '^src/(planner|scheduler|dispatch)/' },
      to: { path: '^src/(graphql|http|agent|cli|dashboard|up|config)/' },
    },
    {
      name: 'clients-speak-protocol-only',
      severity: 'error',
      from: { path: '^src/(agent|cli|dashboard)/' },
      to: {
        path: '^src/',
        pathNot: [leaf, '^src/(agent|cli|dashboard|config)/', '^src/(server|up|migrate)\\.ts$', '^src/up/'],
      },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
