import { ruleKeys } from '../rules/facts.js';

/** What is done with a key of the grammar. */
export const Support = {
  /** Read and executed. */
  READ: 'READ',
  /** Known, not executed yet, harmless to leave out: an error in our files, a warning in Vela's. */
  LATER: 'LATER',
  /** As LATER, for what only the container driver can do. */
  CONTAINER: 'CONTAINER',
  /**
   * Known, not executed yet, and a build without it would be another build: an error in our files. In Vela's it is
   * read, so that one sees what it says, and an obstacle: a warning for who looks, an error for who builds.
   */
  NEEDED: 'NEEDED',
  /** Only Vela's files have it: a warning there, unknown in ours. */
  VELA: 'VELA',
} as const;
export type Support = (typeof Support)[keyof typeof Support];

/** The keys of one kind of mapping. Supporting another key means READ here and a line in its reader. */
export type Keys = Readonly<Record<string, Support>>;

const { READ, LATER, CONTAINER, NEEDED, VELA } = Support;

export const pipelineKeys = {
  version: READ,
  metadata: READ,
  worker: READ,
  environment: READ,
  secrets: READ,
  steps: READ,
  stages: READ,
  timeout: READ,
  concurrency: READ,
  project: LATER,
  projects: LATER,
  services: NEEDED,
  templates: NEEDED,
  deployment: VELA,
  git: VELA,
} satisfies Keys;

export const metadataKeys = {
  clone: READ,
  environment: READ,
  auto_cancel: LATER,
  template: VELA,
  render_inline: VELA,
} satisfies Keys;

export const workerKeys = { target: READ, labels: READ, flavor: READ, platform: READ } satisfies Keys;

export const stepKeys = {
  name: READ,
  image: READ,
  commands: READ,
  entrypoint: READ,
  environment: READ,
  parameters: READ,
  secrets: READ,
  ruleset: READ,
  timeout: READ,
  retry: READ,
  artifacts: READ,
  working_directory: READ,
  detach: NEEDED,
  template: NEEDED,
  pull: CONTAINER,
  privileged: CONTAINER,
  user: CONTAINER,
  volumes: CONTAINER,
  ulimits: VELA,
  report_as: VELA,
  id_request: VELA,
  git: VELA,
} satisfies Keys;

export const stageKeys = { needs: READ, independent: READ, environment: READ, steps: READ } satisfies Keys;

export const retryKeys = { max: READ, when: READ } satisfies Keys;

export const retryConditionKeys = { exit_code: READ } satisfies Keys;

export const concurrencyKeys = { group: READ, limit: READ, strategy: READ } satisfies Keys;

export const artifactKeys = { paths: READ } satisfies Keys;

export const secretKeys = {
  name: READ,
  key: READ,
  engine: READ,
  type: READ,
  origin: NEEDED,
  pull: VELA,
} satisfies Keys;

export const stepSecretKeys = { source: READ, target: READ } satisfies Keys;

/** Services and templates are read in Vela's files alone. */
export const serviceKeys = {
  name: READ,
  image: READ,
  entrypoint: READ,
  environment: READ,
  ports: READ,
  ruleset: READ,
  pull: VELA,
  ulimits: VELA,
  user: VELA,
} satisfies Keys;

export const templateKeys = { name: READ, source: READ, type: READ, format: READ, vars: READ } satisfies Keys;

export const stepTemplateKeys = { name: READ, vars: READ } satisfies Keys;

const rules = Object.fromEntries(ruleKeys.map((key) => [key, READ]));

export const clauseKeys: Keys = { ...rules, operator: READ, matcher: READ };

export const rulesetKeys: Keys = { ...clauseKeys, continue: READ, if: READ, unless: READ };
